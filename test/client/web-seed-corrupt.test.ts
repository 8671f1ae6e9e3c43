import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TorrentNotice } from '../../src/client/progress.js'
import { GaveUpError } from '../../src/core/errors.js'
import type { BlockRequest } from '../../src/wire/messages.js'
import { bansOf, fetchFrom, scratchFolder } from '../kit/fetching.js'
import { assertFiles, blockOf, makeSingle } from '../kit/made-torrent.js'
import { ScriptedPeer } from '../kit/scripted-peer.js'
import { type WebRequest, WebServer } from '../kit/web-server.js'

const KIB = 1024
const MIB = 1024 * KIB
const TIMEOUT = { timeout: 20_000 }

/** One bit in a hundred thousand bytes is not what it should be. */
function corrupt({ bytes, serve }: WebRequest): void {
  const spoilt = Uint8Array.from(bytes)
  for (let at = 0; at < spoilt.length; at += 100_000) spoilt[at]! ^= 1
  serve(spoilt)
}

function droppedFor(notices: readonly TorrentNotice[], server: WebServer): string[] {
  return notices.flatMap((notice) =>
    notice.type === 'webSeedFailed' && notice.isDropped && notice.webSeed === server.url ? [notice.code] : [],
  )
}

test(
  'a server whose bytes are wrong is banned, and without others the download gives up',
  TIMEOUT,
  async (t) => {
    const torrent = makeSingle(4 * MIB, 256 * KIB)
    const server = await WebServer.listen(t, torrent, { script: corrupt })
    const notices: TorrentNotice[] = []
    const output = scratchFolder(t)
    const onNotice = (notice: TorrentNotice) => void notices.push(notice)
    await assert.rejects(
      fetchFrom(torrent, [], { output, webSeeds: [server.url], onNotice }),
      (error) => error instanceof GaveUpError && /corrupt piece/.test(error.message),
    )
    assert.deepEqual(droppedFor(notices, server), ['CORRUPT_PIECE'])
    assert.ok(notices.some((notice) => notice.type === 'pieceCorrupt' && notice.peers.includes(server.url)))
  },
)

for (const [name, pieceLength] of [
  ['small pieces', 32 * KIB],
  ['pieces in parts', 5 * MIB],
] as const) {
  test(`one corrupting server among good ones is found out, with ${name}`, TIMEOUT, async (t) => {
    const torrent = makeSingle(20 * MIB, pieceLength)
    const bad = await WebServer.listen(t, torrent, { script: corrupt })
    const good = await Promise.all(
      ['127.0.0.1', '127.0.0.3', '::1'].map((host) => WebServer.listen(t, torrent, { host })),
    )
    const output = scratchFolder(t)
    const webSeeds = [bad, ...good].map(({ url }) => url)
    const { notices } = await fetchFrom(torrent, [], { output, webSeeds, memoryBytes: 16 * MIB })
    assertFiles(torrent, output)
    assert.deepEqual(droppedFor(notices, bad), ['CORRUPT_PIECE'])
    for (const server of good) assert.deepEqual(droppedFor(notices, server), [])
  })
}

test('a peer that lies beside a good server is banned, and the server stays', TIMEOUT, async (t) => {
  const torrent = makeSingle(6 * MIB, MIB)
  const server = await WebServer.listen(t, torrent)
  const requested = (link: ScriptedPeer['links'][number], request: BlockRequest) => {
    const bytes = Uint8Array.from(blockOf(torrent, request))
    bytes[0]! ^= 1
    link.sendBlock(request, bytes)
  }
  const liar = await ScriptedPeer.listen(t, torrent, { host: 2, script: { requested } })
  const output = scratchFolder(t)
  const { notices } = await fetchFrom(torrent, [liar], { output, webSeeds: [server.url] })
  assertFiles(torrent, output)
  assert.deepEqual(droppedFor(notices, server), [])
})

test('a server that lies beside a good peer is found out, and the peer is not banned', TIMEOUT, async (t) => {
  const torrent = makeSingle(6 * MIB, MIB)
  const server = await WebServer.listen(t, torrent, { script: corrupt })
  const peer = await ScriptedPeer.listen(t, torrent, { host: 2 })
  const output = scratchFolder(t)
  const { notices } = await fetchFrom(torrent, [peer], { output, webSeeds: [server.url] })
  assertFiles(torrent, output)
  assert.deepEqual(bansOf(notices, peer), [])
})
