import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lookUpPeers } from '../../src/discovery/look-up-peers.js'

test('addresses stay as they are, in their one form, and names that have none are left out', async () => {
  const nodes = [
    { host: '127.0.0.1', port: 1 },
    { host: '0:0:0:0:0:0:0:1', port: 2 },
    { host: '..', port: 3 },
    { host: '1.1.1.1', port: 4 },
  ]
  const publicOne = { host: '1.1.1.1', port: 4 }
  assert.deepEqual(await lookUpPeers(nodes, 'spelled out'), [
    { host: '127.0.0.1', port: 1 },
    { host: '::1', port: 2 },
    publicOne,
  ])
  assert.deepEqual(await lookUpPeers(nodes, 'never'), [publicOne])
})

test('a name becomes its addresses', async () => {
  const found = await lookUpPeers([{ host: 'localhost', port: 7 }], 'spelled out')
  assert.ok(found.length > 0)
  assert.ok(found.every(({ host, port }) => ['127.0.0.1', '::1'].includes(host) && port === 7))
})

test('no name may turn out to be private, unless that is allowed', async () => {
  // No spelling that a link may have but a resolver makes an address of.
  const nodes = [{ host: '0x7f.1', port: 7 }]
  assert.deepEqual(await lookUpPeers(nodes, 'spelled out'), [])
  assert.deepEqual(await lookUpPeers(nodes, 'always'), [{ host: '127.0.0.1', port: 7 }])
})
