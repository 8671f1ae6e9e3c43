/** Torrents and magnet links whose peers are found in the DHT alone, and those that may not use it. */
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { type TestContext, test } from 'node:test'
import { Client } from '../../src/client/client.js'
import type { DhtOptions } from '../../src/client/options.js'
import { encodeBencode } from '../../src/core/bencode/encode-bencode.js'
import { OptionError } from '../../src/core/errors.js'
import type { PeerAddress } from '../../src/core/peer-address.js'
import { encodeExtended, encodePort } from '../../src/wire/encode-messages.js'
import { decodeHandshake, encodeHandshake, hasDht } from '../../src/wire/handshake.js'
import { MESSAGE_ID } from '../../src/wire/messages.js'
import { addressOf, openNode, untilAnnounced } from '../kit/dht-nodes.js'
import { scratchFolder } from '../kit/fetching.js'
import { Leecher } from '../kit/leecher.js'
import { assertFiles, type MadeTorrent, makeSingle, makeTorrent } from '../kit/made-torrent.js'
import { metadataScript, SCRIPTED_ID } from '../kit/metadata-script.js'
import { startChild } from '../kit/running-child.js'
import { compactPeer, ScriptedNode } from '../kit/scripted-node.js'
import { PeerLink, ScriptedPeer } from '../kit/scripted-peer.js'
import { eventually, openClient, startSeed } from '../kit/seeding.js'

const KIB = 1024
const TIMEOUT = { timeout: 20_000 }
const TORRENT = makeSingle(500_000, 32 * KIB)
const PRIVATE = makeTorrent({ files: { 'secret.bin': 100_000 }, pieceLength: 32 * KIB, isPrivate: true })
const HASH = TORRENT.metainfo.infoHash

const fullClient = (t: TestContext, dht: DhtOptions) => openClient(t, { dht: { ...dht, readOnly: false } })

/** A seed that announces itself to this node. */
async function announcedSeed(t: TestContext, made: MadeTorrent, hub: PeerAddress) {
  const seed = await startSeed(t, made, { client: fullClient(t, { bootstrap: [hub] }) })
  await untilAnnounced(t, [hub], made.metainfo.infoHash.bytes)
  return seed
}

for (const [what, source] of [
  ['an info hash', HASH.hex],
  ['a torrent', TORRENT.bytes],
] as const) {
  test(`${what} becomes a download by the DHT alone`, TIMEOUT, async (t) => {
    const hub = addressOf(await openNode(t))
    await announcedSeed(t, TORRENT, hub)
    const output = scratchFolder(t)
    const torrent = await openClient(t, { dht: { bootstrap: [hub] } }).add(source, { output })
    await torrent.done
    assertFiles(TORRENT, output)
  })
}

test('a seed finds who is waiting for it, though he answers no questions', TIMEOUT, async (t) => {
  const hub = addressOf(await openNode(t))
  const output = scratchFolder(t)
  const waiting = await openClient(t, { dht: { bootstrap: [hub] } }).add(TORRENT.bytes, { output })
  await untilAnnounced(t, [hub], HASH.bytes)
  await startSeed(t, TORRENT, { client: fullClient(t, { bootstrap: [hub] }) })
  await waiting.done
  assertFiles(TORRENT, output)
})

test('a torrent names nodes by which its peers are found', TIMEOUT, async (t) => {
  const hub = addressOf(await openNode(t))
  const recipe = { files: { 'data.bin': 100_000 }, pieceLength: 32 * KIB, nodes: [hub] }
  const made = makeTorrent(recipe)
  await announcedSeed(t, made, hub)
  const output = scratchFolder(t)
  const torrent = await openClient(t, { dht: { bootstrap: [] } }).add(made.bytes, { output })
  await torrent.done
  assertFiles(made, output)
})

test('a seed tells its peers where its node is, and learns where theirs are', TIMEOUT, async (t) => {
  const hub = await openNode(t)
  const { port } = await announcedSeed(t, TORRENT, addressOf(hub))
  const theirs = await ScriptedNode.listen(t)
  const leecher = await Leecher.connect(t, TORRENT, port)
  leecher.send(encodeHandshake(HASH.bytes, leecher.peerId, true), encodePort(theirs.address.port))
  assert.ok(hasDht(decodeHandshake(await leecher.handshake())))
  const told = await leecher.until(MESSAGE_ID.port)
  // It has the number of the port where peers connect, if that can be had.
  assert.equal(told.readUInt16BE(), port)
  await eventually(() => theirs.methods.includes('ping'))
  await theirs.insist({ host: '127.0.0.1', port }, 'ping')
})

test('a peer that names node after node is believed once', TIMEOUT, async (t) => {
  const hub = addressOf(await openNode(t))
  const nodes = await Promise.all([1, 2].map(() => ScriptedNode.listen(t)))
  const { port } = await announcedSeed(t, TORRENT, hub)
  const leecher = await Leecher.connect(t, TORRENT, port)
  const ports = [0, ...nodes.map(({ address }) => address.port)].map(encodePort)
  leecher.send(encodeHandshake(HASH.bytes, leecher.peerId, true), ...ports)
  await eventually(() => nodes[0]!.methods.includes('ping'))
  await nodes[0]!.insist({ host: '127.0.0.1', port }, 'ping')
  assert.deepEqual(nodes[1]!.methods, [])
})

test('a fetch learns of nodes by its peers', TIMEOUT, async (t) => {
  const hub = await ScriptedNode.listen(t)
  const greeted = (link: PeerLink) => {
    link.send(encodeHandshake(HASH.bytes, link.peer.peerId, true), encodePort(hub.address.port))
  }
  const peer = await ScriptedPeer.listen(t, TORRENT, { script: { greeted } })
  const client = openClient(t, { dht: { bootstrap: [] } })
  await client.add(TORRENT.bytes, { output: scratchFolder(t), peers: [peer.address] })
  await eventually(() => hub.methods.includes('get_peers'))
})

for (const [why, made, dht] of [
  ['of a private torrent', PRIVATE, {}],
  ['of a client that is to keep out of it', TORRENT, false],
] as const) {
  test(`the DHT hears nothing ${why}`, TIMEOUT, async (t) => {
    const hub = await ScriptedNode.listen(t)
    const client = openClient(t, { dht: dht && { bootstrap: [hub.address], readOnly: false } })
    const { port } = await startSeed(t, made, { client })
    const leecher = await Leecher.connect(t, made, port)
    const { infoHash } = made.metainfo
    leecher.send(encodeHandshake(infoHash.bytes, leecher.peerId, true), encodePort(hub.address.port))
    assert.ok(!hasDht(decodeHandshake(await leecher.handshake())))
    leecher.interested()
    const ids = [(await leecher.next()).id]
    while (ids.at(-1) !== MESSAGE_ID.unchoke) ids.push((await leecher.next()).id)
    assert.ok(!ids.includes(MESSAGE_ID.port))
    await client.close()
    assert.deepEqual(hub.methods, [])
  })
}

test('what a link turns out to be private forgets the peers of the DHT', TIMEOUT, async (t) => {
  const peer = await ScriptedPeer.listen(t, PRIVATE, { script: metadataScript() })
  const hub = await ScriptedNode.listen(t, (question, { id }) =>
    question.answer({ id, token: 'token', values: [compactPeer(peer.address)] }),
  )
  const client = openClient(t, { dht: { bootstrap: [hub.address] } })
  const adding = client.add(PRIVATE.metainfo.infoHash.hex, { output: scratchFolder(t) })
  await assert.rejects((await adding).done, { code: 'NO_PEERS' })
  assert.equal(peer.requests.length, 0)
})

test('nor does it keep those who have connected to us, who may come from anywhere', TIMEOUT, async (t) => {
  const { length } = PRIVATE.metainfo.infoBytes
  const offer = encodeBencode({ m: { ut_metadata: SCRIPTED_ID }, metadata_size: length, p: 2001 })
  const script = { ...metadataScript(), greeted: (link: PeerLink) => link.send(encodeExtended(0, offer)) }
  const peer = await ScriptedPeer.listen(t, PRIVATE, { script })
  const hub = await ScriptedNode.listen(t)
  const client = openClient(t, { dht: { bootstrap: [hub.address] } })
  const finding = client.fetchMetadata(PRIVATE.metainfo.infoHash.hex)
  await eventually(() => hub.methods.includes('announce_peer'))
  const caller = connect(client.port, '127.0.0.1')
  t.after(() => caller.destroy())
  new PeerLink(peer, caller).greet()
  const { metainfo, peers } = await finding
  assert.deepEqual([metainfo.isPrivate, peers], [true, []])
})

test('a client leaves nothing open, whatever its node is doing', TIMEOUT, async (t) => {
  const silent = await ScriptedNode.listen(t, () => {})
  for (const bootstrap of [[addressOf(await openNode(t))], [silent.address]]) {
    const dht = { bootstrap, readOnly: false }
    const child = startChild(t, TORRENT, { output: scratchFolder(t) }, { dht })
    await child.until(({ phase }) => phase === 'downloading')
    child.tell('close')
    assert.equal(await child.exit, 0)
    assert.deepEqual(child.leftOpen, [])
    assert.deepEqual(child.escaped, [])
  }
})

test('options that make no sense are refused', () => {
  const wrong = [
    { bootstrap: 'a.example:1' },
    { bootstrap: [{ host: 'a.example', port: 0 }] },
    { bootstrap: [{ host: '', port: 1 }] },
    { bootstrap: Array.from({ length: 101 }, () => ({ host: 'a.example', port: 1 })) },
    { nodesFile: '' },
    { nodesFile: 7 },
  ]
  for (const dht of wrong) {
    assert.throws(() => new Client({ dht: dht as DhtOptions }), OptionError, JSON.stringify(dht))
  }
})
