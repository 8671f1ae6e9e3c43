/** What the DHT may do to downloads: flood them, know nothing, come and go; and what is left of it from run to run. */
import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { LIMITS } from '../../src/config.js'
import { encodeBencode } from '../../src/core/bencode/encode-bencode.js'
import { addressOf, openNode, untilAnnounced } from '../kit/dht-nodes.js'
import { scratchFolder } from '../kit/fetching.js'
import { Inbox } from '../kit/inbox.js'
import { serveHttp } from '../kit/local-server.js'
import { assertFiles, makeSingle, makeTorrent } from '../kit/made-torrent.js'
import { compactPeer, type NodeScript, ScriptedNode } from '../kit/scripted-node.js'
import { eventually, openClient, startSeed } from '../kit/seeding.js'

const KIB = 1024
const TIMEOUT = { timeout: 20_000 }
const TORRENT = makeSingle(300_000, 32 * KIB)

/** A hundred peers that nobody is, others each time. */
const flood: NodeScript = (question, { id }) => {
  const values = Array.from({ length: LIMITS.dhtPeersPerAnswer }, () =>
    compactPeer({
      host: `127.${1 + randomInt(254)}.${randomInt(256)}.${randomInt(256)}`,
      port: 2_000 + randomInt(9),
    }),
  )
  question.answer({ id, token: 'token', values })
}

test(
  'a flood of peers that nobody is fills its part of the book, and holds up no other',
  TIMEOUT,
  async (t) => {
    const asking = new Inbox<() => void>()
    const seed = await startSeed(t, TORRENT)
    const peers = compactPeer({ host: '127.0.0.1', port: seed.port })
    const tracker = await serveHttp(t, (_, response) => {
      asking.put(() => response.end(encodeBencode({ interval: 1800, peers })))
    })
    const made = makeTorrent({
      files: { [TORRENT.metainfo.name]: 300_000 },
      pieceLength: 32 * KIB,
      trackers: [[tracker]],
    })
    assert.equal(made.metainfo.infoHash.hex, TORRENT.metainfo.infoHash.hex)
    const liars = await Promise.all(Array.from({ length: 60 }, () => ScriptedNode.listen(t, flood)))
    const client = openClient(t, { dht: { bootstrap: liars.map(({ address }) => address), readOnly: false } })
    const output = scratchFolder(t)
    const torrent = await client.add(made.bytes, { output })
    await eventually(() => torrent.progress().knownPeers >= LIMITS.dhtPeersPerLookup)
    const answer = await asking.next()
    answer()
    await torrent.done
    assertFiles(TORRENT, output)
    assert.ok(torrent.progress().knownPeers <= LIMITS.peersKnown / 2 + 1)
  },
)

test('of two torrents that share a node one stops, and the other goes on', TIMEOUT, async (t) => {
  const other = makeSingle(200_000, 32 * KIB)
  const hub = addressOf(await openNode(t))
  const client = openClient(t, { dht: { bootstrap: [hub] } })
  const [stopped, wanted] = await Promise.all(
    [other, TORRENT].map(({ bytes }) => client.add(bytes, { output: scratchFolder(t) })),
  )
  const ending = assert.rejects(stopped!.done, { code: 'STOPPED' })
  await Promise.all([stopped!.stop(), ending])
  await untilAnnounced(t, [hub], TORRENT.metainfo.infoHash.bytes)
  const seeding = openClient(t, { dht: { bootstrap: [hub], readOnly: false } })
  await startSeed(t, TORRENT, { client: seeding })
  await wanted!.done
})

function writeHuge(path: string): void {
  writeFileSync(path, '{"version":1,"nodes":[')
  truncateSync(path, 2 ** 30)
}

for (const [what, spoil] of [
  ['garbled', (path: string) => writeFileSync(path, Buffer.alloc(9_000, 0x80))],
  ['huge', writeHuge],
  ['hostile', (path: string) => writeFileSync(path, `{"version":1,"nodes":${'['.repeat(15_000)}`)],
] as const) {
  test(`a list of nodes that is ${what} is replaced by a good one`, TIMEOUT, async (t) => {
    const nodesFile = join(scratchFolder(t), 'nodes.json')
    spoil(nodesFile)
    const hub = addressOf(await openNode(t))
    await startSeed(t, TORRENT, { client: openClient(t, { dht: { bootstrap: [hub], readOnly: false } }) })
    await untilAnnounced(t, [hub], TORRENT.metainfo.infoHash.bytes)
    const client = openClient(t, { dht: { bootstrap: [hub], nodesFile } })
    await (await client.add(TORRENT.bytes, { output: scratchFolder(t) })).done
    await client.close()
    assert.ok(JSON.parse(readFileSync(nodesFile, 'utf8')).nodes.includes(`127.0.0.1:${hub.port}`))
  })
}
