import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Client } from '../../src/client/client.js'
import { GaveUpError } from '../../src/core/errors.js'
import type { BlockRequest } from '../../src/wire/messages.js'
import { bansOf, fetchFrom, scratchFolder } from '../kit/fetching.js'
import { assertFiles, blockOf, makeSingle } from '../kit/made-torrent.js'
import { type PeerScript, ScriptedPeer } from '../kit/scripted-peer.js'

const KIB = 1024
const TIMEOUT = { timeout: 15_000 }

/** A good seed but for one flipped bit in those blocks that it lies about. */
function liar(liesAbout: (request: BlockRequest) => boolean = () => true): PeerScript {
  return {
    requested(link, request) {
      const bytes = Uint8Array.from(blockOf(link.peer.torrent, request))
      if (liesAbout(request)) bytes[bytes.length >> 1]! ^= 1
      link.sendBlock(request, bytes)
    },
  }
}

test('who alone sends a corrupt piece is banned, and others finish the download', TIMEOUT, async (t) => {
  const torrent = makeSingle(2_000_000, 64 * KIB)
  const bad = await ScriptedPeer.listen(t, torrent, { host: 2, script: liar() })
  const good = await ScriptedPeer.listen(t, torrent, { host: 3 })
  const output = scratchFolder(t)
  const { result, notices } = await fetchFrom(torrent, [bad, good], { output })
  assertFiles(torrent, output)
  assert.deepEqual(bansOf(notices, bad), ['CORRUPT_PIECE'])
  assert.deepEqual(bansOf(notices, good), [])
  assert.equal(bad.links.length, 1)
  assert.ok(result.downloadedBytes > torrent.content.length)
})

test(
  'of two who share pieces the liar is found out, and the honest one is not banned',
  TIMEOUT,
  async (t) => {
    // One piece holds more blocks than the first requests to a peer, so that both take part in it.
    const torrent = makeSingle(3_000_000, 1024 * KIB)
    const bad = await ScriptedPeer.listen(t, torrent, { host: 2, script: liar() })
    const good = await ScriptedPeer.listen(t, torrent, { host: 3 })
    const output = scratchFolder(t)
    const { notices } = await fetchFrom(torrent, [bad, good], { output })
    assertFiles(torrent, output)
    assert.deepEqual(bansOf(notices, good), [])
  },
)

test('a liar among honest peers does no lasting harm to a torrent of one piece', TIMEOUT, async (t) => {
  const torrent = makeSingle(1_000_000, 1024 * KIB)
  const bad = await ScriptedPeer.listen(t, torrent, { host: 2, script: liar() })
  const good = await Promise.all([3, 4].map((host) => ScriptedPeer.listen(t, torrent, { host })))
  const output = scratchFolder(t)
  const { notices } = await fetchFrom(torrent, [bad, ...good], { output })
  assertFiles(torrent, output)
  for (const peer of good) assert.deepEqual(bansOf(notices, peer), [])
})

test('one that lies only about some blocks is found out as well', TIMEOUT, async (t) => {
  const torrent = makeSingle(4_000_000, 128 * KIB)
  const lies = (request: BlockRequest) => request.index % 5 === 0 && request.begin === 16 * KIB
  const bad = await ScriptedPeer.listen(t, torrent, { host: 2, script: liar(lies) })
  const good = await ScriptedPeer.listen(t, torrent, { host: 3 })
  const output = scratchFolder(t)
  const { notices } = await fetchFrom(torrent, [bad, good], { output })
  assertFiles(torrent, output)
  assert.deepEqual(bansOf(notices, good), [])
})

test('a liar about one part of a piece that does not fit into memory is survived', TIMEOUT, async (t) => {
  const torrent = makeSingle(6_000_000, 4096 * KIB)
  const lies = (request: BlockRequest) => request.index === 0
  const bad = await ScriptedPeer.listen(t, torrent, { host: 2, script: liar(lies) })
  const good = await ScriptedPeer.listen(t, torrent, { host: 3 })
  const output = scratchFolder(t)
  const { notices } = await fetchFrom(torrent, [bad, good], { output, memoryBytes: 4 * 1024 * KIB })
  assertFiles(torrent, output)
  assert.deepEqual(bansOf(notices, good), [])
})

test('who leaves before its corrupt piece is looked at is banned all the same', TIMEOUT, async (t) => {
  const torrent = makeSingle(1_000_000, 64 * KIB)
  const flight: PeerScript = {
    requested(link, request) {
      link.sendBlock(request, new Uint8Array(request.length))
      if (link.blocksSent === 8) link.socket.end()
    },
  }
  const bad = await ScriptedPeer.listen(t, torrent, { host: 2, script: flight })
  // Has nothing before the bad one has left, so that all that it was asked for is its own.
  const late: PeerScript = {
    greeted(link) {
      link.greet()
      bad.links[0]!.socket.once('close', () => link.offer())
    },
  }
  const good = await ScriptedPeer.listen(t, torrent, { host: 3, script: late })
  const output = scratchFolder(t)
  const { notices } = await fetchFrom(torrent, [bad, good], { output })
  assertFiles(torrent, output)
  assert.deepEqual(bansOf(notices, bad), ['CORRUPT_PIECE'])
  assert.equal(bad.links.length, 1)
})

test('what a suspect leaves half done is finished by another suspect', TIMEOUT, async (t) => {
  // One piece of many blocks: both take part, both are suspects, and the liar is the first to get it again.
  const torrent = makeSingle(1_000_000, 1024 * KIB)
  const seen = new Set<number>()
  const quitter: PeerScript = {
    requested(link, request) {
      const isSecondTime = seen.has(request.begin)
      seen.add(request.begin)
      link.sendBlock(request, isSecondTime ? undefined : new Uint8Array(request.length))
      if (isSecondTime) link.socket.end()
    },
  }
  const bad = await ScriptedPeer.listen(t, torrent, { host: 2, script: quitter })
  const good = await ScriptedPeer.listen(t, torrent, { host: 3 })
  const output = scratchFolder(t)
  const { notices } = await fetchFrom(torrent, [bad, good], { output })
  assertFiles(torrent, output)
  assert.deepEqual(bansOf(notices, good), [])
})

test('when all lie nothing is complete, nothing corrupt is kept, and it gives up', TIMEOUT, async (t) => {
  const torrent = makeSingle(500_000, 64 * KIB)
  const peers = await Promise.all(
    [2, 3, 4].map((host) => ScriptedPeer.listen(t, torrent, { host, script: liar() })),
  )
  const output = scratchFolder(t)
  const client = new Client({ workers: 1, dht: false, lsd: false })
  t.after(() => client.close())
  const added = await client.add(torrent.bytes, { output, peers: peers.map(({ address }) => address) })
  await assert.rejects(added.done, (error) => error instanceof GaveUpError && error.code === 'NO_PEERS')
  const { completedBytes, verifiedPieces, phase } = added.progress()
  assert.deepEqual([completedBytes, verifiedPieces, phase], [0, 0, 'failed'])
  const file = join(output, 'data.bin')
  assert.ok(!existsSync(file) || readFileSync(file).every((byte) => byte === 0))
})
