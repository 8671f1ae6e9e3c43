import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plausibleNodes, plausiblePeers } from '../../src/discovery/dht-hearsay.js'
import { compactPeer } from '../kit/scripted-node.js'

const [INTERNET, LAN, MACHINE] = ['8.8.8.8', '192.168.1.7', '127.0.0.1'] as const

test('nobody tells of what is nearer to us than he is, of what is nowhere, or of the services of others', () => {
  const told = (host: string, port = 6881) => compactPeer({ host, port })
  const peers = [told('1.1.1.1'), told('10.0.0.1'), told('127.0.0.2')]
  const nonsense = [told('0.0.0.0'), told('224.0.0.1'), told('255.255.255.255'), told('1.1.1.1', 53)]
  const all = [...nonsense, ...peers]
  assert.deepEqual(plausiblePeers(all, INTERNET, 9), peers.slice(0, 1))
  assert.deepEqual(plausiblePeers(all, LAN, 9), peers.slice(0, 2))
  assert.deepEqual(plausiblePeers(all, MACHINE, 9), peers)
})

test('as many are kept as there is room for', () => {
  const peers = [1, 2, 3].map((last) => compactPeer({ host: `8.8.8.${last}`, port: 6881 }))
  const nodes = peers.map((peer, at) => Buffer.concat([Buffer.alloc(20, at), peer]))
  assert.deepEqual(plausiblePeers(peers, INTERNET, 2), peers.slice(0, 2))
  assert.deepEqual(plausibleNodes(Buffer.concat(nodes), INTERNET, 2), Buffer.concat(nodes.slice(0, 2)))
  assert.deepEqual(plausibleNodes(Buffer.alloc(0), INTERNET, 2), Buffer.alloc(0))
})

test('of more peers than can be told only some are looked at, good or bad', () => {
  const good = compactPeer({ host: '8.8.8.8', port: 6881 })
  const bad = compactPeer({ host: '8.8.8.8', port: 1 })
  const untouchable = new Proxy(good, {
    get: () => assert.fail('it was looked at'),
  })
  const many = Array.from({ length: 10_000 }, () => untouchable)
  assert.deepEqual(plausiblePeers([bad, good, good, ...many], INTERNET, 2), [good, good])
  assert.deepEqual(plausiblePeers([...Array.from({ length: 8 }, () => bad), ...many], INTERNET, 2), [])
})
