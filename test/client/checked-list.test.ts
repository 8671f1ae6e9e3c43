import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkedList, checkedPeers } from '../../src/client/checked-list.js'
import type { PeerAddress } from '../../src/core/peer-address.js'

/** What a program in JavaScript may give. */
function asList<T>(value: unknown): readonly T[] {
  return value as readonly T[]
}

test('an absent list is empty, and a list stays as it is', () => {
  assert.deepEqual(checkedList('select', undefined), [])
  assert.deepEqual(checkedList('select', ['*.csv', 3]), ['*.csv', 3])
})

test('one text in the place of a list is refused by the name of its option', () => {
  for (const value of ['*.csv', 5, null, {}])
    assert.throws(() => checkedList('select', asList(value)), {
      code: 'BAD_OPTION',
      message: 'select: not a list',
    })
})

test('peers are addresses of either family', () => {
  const peers = [
    { host: '192.0.2.1', port: 6881 },
    { host: '2001:db8::1', port: 65_535 },
    { host: 'fe80::1%eth0', port: 1 },
  ]
  assert.deepEqual(checkedPeers(peers), peers)
})

test('what nobody could dial is refused', () => {
  const wrong = [
    '192.0.2.1:6881',
    { host: 'localhost', port: 6881 },
    { host: '192.0.2.1' },
    { host: '192.0.2.1', port: 0 },
    { host: '192.0.2.1', port: 65_536 },
    { host: '192.0.2.1', port: '6881' },
    { port: 6881 },
  ]
  for (const peer of wrong)
    assert.throws(
      () => checkedPeers(asList<PeerAddress>([peer])),
      { code: 'BAD_OPTION', message: /^peers: / },
      JSON.stringify(peer),
    )
})
