import assert from 'node:assert/strict'
import { test } from 'node:test'
import { resolvePeers } from '../../src/cli/resolve-peers.js'

test('addresses stay what they are, in their order', async () => {
  const peers = [
    { host: '127.0.0.1', port: 1 },
    { host: '::1', port: 2 },
  ]
  assert.deepEqual(await resolvePeers(peers), peers)
})

test('a name becomes the addresses that it has', async () => {
  const peers = await resolvePeers([{ host: 'localhost', port: 7 }])
  assert.ok(peers.length > 0)
  for (const { host, port } of peers) {
    assert.match(host, /^(127\.0\.0\.1|::1)$/)
    assert.equal(port, 7)
  }
})

test('a name without an address is passed over', async () => {
  const known = { host: '127.0.0.1', port: 1 }
  assert.deepEqual(await resolvePeers([{ host: 'no..such..name', port: 7 }, known]), [known])
})
