import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mayTellOf, plausibleNodes, plausiblePeers } from '../../src/discovery/dht-hearsay.js'
import { compactPeer } from '../kit/scripted-node.js'

const [PUBLIC, OTHER_PUBLIC] = ['8.8.8.8', '1.1.1.1']
const [LAN, LOOPBACK] = ['192.168.1.7', '127.0.0.1']

test('nobody tells of what is more private than where he is', () => {
  assert.ok(mayTellOf(PUBLIC, OTHER_PUBLIC))
  assert.ok(!mayTellOf(PUBLIC, LAN))
  assert.ok(!mayTellOf(PUBLIC, '169.254.169.254'))
  assert.ok(!mayTellOf(PUBLIC, LOOPBACK))
  assert.ok(mayTellOf(LAN, PUBLIC))
  assert.ok(mayTellOf(LAN, '10.0.0.1'))
  assert.ok(!mayTellOf(LAN, LOOPBACK))
  assert.ok(mayTellOf(LOOPBACK, PUBLIC))
  assert.ok(mayTellOf(LOOPBACK, LAN))
  assert.ok(mayTellOf(LOOPBACK, LOOPBACK))
})

test('nobody tells of what is no address of a host', () => {
  for (const told of ['0.0.0.0', '255.255.255.255', '224.0.0.1', '240.0.0.1', '203.0.113.5']) {
    for (const teller of [PUBLIC, LAN, LOOPBACK]) assert.ok(!mayTellOf(teller, told), `${teller} ${told}`)
  }
})

test('of peers and nodes the plausible ones with a port are kept, as many as there is room for', () => {
  const peers = [
    compactPeer({ host: LAN, port: 6881 }),
    compactPeer({ host: OTHER_PUBLIC, port: 0 }),
    compactPeer({ host: OTHER_PUBLIC, port: 1 }),
    compactPeer({ host: PUBLIC, port: 2 }),
    compactPeer({ host: PUBLIC, port: 3 }),
  ]
  assert.deepEqual(plausiblePeers(peers, PUBLIC, 2), [peers[2], peers[3]])
  const nodes = peers.map((peer, at) => Buffer.concat([Buffer.alloc(20, at), peer]))
  assert.deepEqual(plausibleNodes(Buffer.concat(nodes), PUBLIC, 2), Buffer.concat([nodes[2]!, nodes[3]!]))
  assert.deepEqual(plausibleNodes(Buffer.alloc(0), PUBLIC, 2), Buffer.alloc(0))
})
