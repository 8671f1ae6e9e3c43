import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lookUpPeers } from '../../src/discovery/look-up-peers.js'

test('addresses stay as they are, in their one form, and names that have none are left out', async () => {
  const found = await lookUpPeers([
    { host: '127.0.0.1', port: 1 },
    { host: '0:0:0:0:0:0:0:1', port: 2 },
    { host: '..', port: 3 },
  ])
  assert.deepEqual(found, [
    { host: '127.0.0.1', port: 1 },
    { host: '::1', port: 2 },
  ])
})

test('a name becomes its addresses', async () => {
  const found = await lookUpPeers([{ host: 'localhost', port: 7 }])
  assert.ok(found.length > 0)
  assert.ok(found.every(({ host, port }) => ['127.0.0.1', '::1'].includes(host) && port === 7))
})
