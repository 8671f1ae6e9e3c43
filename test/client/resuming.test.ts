import assert from 'node:assert/strict'
import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { StoppedError } from '../../src/core/errors.js'
import { fetchFrom, scratchFolder } from '../kit/fetching.js'
import { assertFiles, type MadeTorrent, makeSingle, makeTorrent } from '../kit/made-torrent.js'
import { ScriptedPeer } from '../kit/scripted-peer.js'

const KIB = 1024
const TIMEOUT = { timeout: 15_000 }

/** Fetches into the folder and says which pieces were asked for. */
async function fetchAgain(t: TestContext, torrent: MadeTorrent, output: string): Promise<number[]> {
  const peer = await ScriptedPeer.listen(t, torrent)
  await fetchFrom(torrent, [peer], { output })
  assertFiles(torrent, output)
  return [...new Set(peer.requests.map(({ index }) => index))].sort((a, b) => a - b)
}

test('after a stop the same call fetches only what is missing', TIMEOUT, async (t) => {
  const torrent = makeSingle(4_000_000, 64 * KIB)
  const output = scratchFolder(t)
  const stop = new AbortController()
  let verifiedPieces = 0
  const onProgress = (progress: { verifiedPieces: number }) => {
    verifiedPieces = progress.verifiedPieces
    if (verifiedPieces >= 10) stop.abort()
  }
  const half = await ScriptedPeer.listen(t, torrent, {
    script: { requested: (link, request) => request.index < 30 && link.sendBlock(request) },
  })
  const options = { output, signal: stop.signal, onProgress, progressIntervalMs: 10, sequential: true }
  await assert.rejects(fetchFrom(torrent, [half], options), StoppedError)
  assert.ok(verifiedPieces >= 10)

  const again = await fetchAgain(t, torrent, output)
  assert.ok(again.length <= torrent.metainfo.geometry.pieceCount - verifiedPieces)
  assert.deepEqual(await fetchAgain(t, torrent, output), [])
})

test('one damaged byte brings one piece again', TIMEOUT, async (t) => {
  const torrent = makeSingle(2_000_000, 64 * KIB)
  const output = scratchFolder(t)
  await fetchAgain(t, torrent, output)
  const file = join(output, 'data.bin')
  const bytes = readFileSync(file)
  bytes[17 * 64 * KIB + 5]! ^= 0x80
  writeFileSync(file, bytes)
  assert.deepEqual(await fetchAgain(t, torrent, output), [17])
})

test('a file that was cut short is filled up again', TIMEOUT, async (t) => {
  const torrent = makeSingle(1_000_000, 64 * KIB)
  const output = scratchFolder(t)
  await fetchAgain(t, torrent, output)
  truncateSync(join(output, 'data.bin'), 10 * 64 * KIB + 1)
  assert.deepEqual(await fetchAgain(t, torrent, output), [10, 11, 12, 13, 14, 15])
})

test('a complete output needs nobody', TIMEOUT, async (t) => {
  const torrent = makeTorrent({
    folder: 'f',
    files: { a: 100_000, 'b/c': 0, 'b/d': 50_001 },
    pieceLength: 32 * KIB,
  })
  const output = scratchFolder(t)
  await fetchAgain(t, torrent, output)
  const { result } = await fetchFrom(torrent, [], { output })
  assert.equal(result.downloadedBytes, 0)
  assertFiles(torrent, output)
})
