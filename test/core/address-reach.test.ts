import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { addressKind } from '../../src/core/address-kind.js'
import { addressReach, mayTellOf } from '../../src/core/address-reach.js'

test('addresses are of the internet, of a network, of this machine, or of nobody', () => {
  const expected = {
    internet: [
      '1.1.1.1',
      '100.63.0.1',
      '172.32.0.1',
      '223.255.255.255',
      '2a00:1::1',
      '2001:470::1',
      '::ffff:8.8.8.8',
    ],
    network: [
      '10.1.2.3',
      '100.64.0.1',
      '169.254.9.9',
      '168.63.129.16',
      '172.31.0.1',
      '192.168.0.1',
      'fd00::1',
      'fe80::1%eth0',
    ],
    machine: ['127.0.0.1', '127.255.0.9', '::1', '::ffff:127.0.0.1'],
    nowhere: [
      '0.0.0.0',
      '192.0.2.1',
      '192.88.99.1',
      '198.19.0.1',
      '224.0.0.1',
      '255.255.255.255',
      '::',
      'ff02::1',
      '2001:db8::1',
      '3fff::1',
    ],
  }
  for (const [reach, hosts] of Object.entries(expected)) {
    for (const host of hosts) assert.equal(addressReach(host), reach, host)
  }
  for (const host of [
    '2002:7f00:1::',
    '64:ff9b::7f00:1',
    '::127.0.0.1',
    '2001:0:1::',
    'host',
    '',
    '1.2.3',
    '1.2.3.4 ',
  ]) {
    assert.equal(addressReach(host), 'nowhere', host)
  }
})

test('no address is of the internet that the careful judge does not call public', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (host) => {
      if (addressReach(host) === 'internet') assert.equal(addressKind(host), 'public')
    }),
    { numRuns: 2_000 },
  )
})

test('nobody tells of what is nearer to himself than he is to us', () => {
  const places = ['8.8.8.8', '10.0.0.1', '127.0.0.1'] as const
  for (const [near, teller] of places.entries()) {
    for (const [distance, told] of places.entries()) assert.equal(mayTellOf(teller, told), distance <= near)
  }
  assert.equal(mayTellOf('127.0.0.1', '224.0.0.1'), false)
  assert.equal(mayTellOf('nobody', '8.8.8.8'), true)
  assert.equal(mayTellOf('nobody', '10.0.0.1'), false)
})
