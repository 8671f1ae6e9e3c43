import assert from 'node:assert/strict'
import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { VerifyError } from '../../src/core/errors.js'
import { scratchFolder } from '../kit/fetching.js'
import { allBlocks, Leecher } from '../kit/leecher.js'
import { assertFiles, makeSingle } from '../kit/made-torrent.js'
import { ScriptedPeer } from '../kit/scripted-peer.js'
import { eventually, notePhases, openClient, reached, startSeed, writeContent } from '../kit/seeding.js'

const KIB = 1024
const MIB = 1024 * KIB
const TIMEOUT = { timeout: 20_000 }

test('a recheck finds damage and fetches what is damaged, and only that', TIMEOUT, async (t) => {
  const made = makeSingle(2 * MIB, 64 * KIB)
  const seed = await ScriptedPeer.listen(t, made)
  const client = openClient(t)
  const output = scratchFolder(t)
  const torrent = await client.add(made.bytes, {
    output,
    useTrackers: false,
    peers: [seed.address],
    seed: true,
  })
  await reached(torrent, 'seeding')
  const early = await Leecher.unchoked(t, made, client.port)
  const path = join(output, 'data.bin')
  const bytes = readFileSync(path)
  bytes[5 * 64 * KIB + 7]! ^= 1
  bytes[9 * 64 * KIB]! ^= 1
  writeFileSync(path, bytes)
  // The damage is served, and in memory, before anybody knows of it.
  early.request(...allBlocks(made))
  for (let count = 0; count < allBlocks(made).length; count++) await early.block()
  const phases = notePhases(torrent)
  const askedBefore = seed.requests.length
  torrent.recheck()
  torrent.recheck()
  await early.closed
  await reached(torrent, 'seeding')
  assert.deepEqual(phases, ['checking', 'downloading', 'seeding'])
  const again = new Set(seed.requests.slice(askedBefore).map(({ index }) => index))
  assert.deepEqual([...again].sort(), [5, 9])
  assertFiles(made, output)
  const late = await Leecher.unchoked(t, made, client.port)
  await late.fetch(allBlocks(made))
})

test('a recheck in the midst of a download goes on with it', TIMEOUT, async (t) => {
  for (const pieceLength of [64 * KIB, 8 * MIB]) {
    const made = makeSingle(16 * MIB, pieceLength)
    const seed = await ScriptedPeer.listen(t, made)
    const client = openClient(t, { memoryBytes: 4 * MIB, maxDownloadBytesPerSecond: 40 * MIB })
    const output = scratchFolder(t)
    const torrent = await client.add(made.bytes, { output, useTrackers: false, peers: [seed.address] })
    await eventually(() => torrent.progress().downloadedBytes > 5 * MIB)
    torrent.recheck()
    await reached(torrent, 'downloading')
    await torrent.done
    assertFiles(made, output)
  }
})

test('a recheck of a paused torrent leaves it paused', TIMEOUT, async (t) => {
  const made = makeSingle(MIB, 64 * KIB)
  const { torrent } = await startSeed(t, made)
  const phases = notePhases(torrent)
  torrent.pause()
  torrent.recheck()
  torrent.resume()
  torrent.pause()
  await eventually(() => phases.length === 3)
  assert.deepEqual(phases, ['paused', 'checking', 'paused'])
  torrent.resume()
  await reached(torrent, 'seeding')
})

test(
  'what was known before a recheck that is stopped half-way is known to the next run',
  TIMEOUT,
  async (t) => {
    const made = makeSingle(40 * MIB, 64 * KIB)
    const folder = scratchFolder(t)
    writeContent(made, folder)
    const client = openClient(t)
    const options = { output: folder, useTrackers: false, seed: true }
    const torrent = await client.add(made.bytes, options)
    await reached(torrent, 'seeding')
    torrent.recheck()
    await eventually(() => torrent.progress().verifiedPieces === 0)
    await torrent.stop()
    assert.equal(torrent.progress().verifiedPieces, 0)
    const again = await client.add(made.bytes, options)
    await again.done
    assert.equal(again.progress().verifiedPieces, made.metainfo.geometry.pieceCount)
  },
)

test(
  'a seed that may not download ends when a recheck finds damage, and leaves the data alone',
  TIMEOUT,
  async (t) => {
    const made = makeSingle(MIB, 64 * KIB)
    const { torrent, folder } = await startSeed(t, made)
    const path = join(folder, 'data.bin')
    truncateSync(path, MIB - 1)
    torrent.recheck()
    await torrent.ended
    assert.equal(torrent.progress().phase, 'failed')
    assert.ok(torrent.failure instanceof VerifyError)
    assert.equal(torrent.failure.code, 'INCOMPLETE')
    assert.equal(readFileSync(path).length, MIB - 1)
  },
)
