import assert from 'node:assert/strict'
import { test } from 'node:test'
import { events, track } from '../kit/announcing.js'
import { gate } from '../kit/block-gate.js'
import { scratchFolder } from '../kit/fetching.js'
import { allBlocks, Leecher } from '../kit/leecher.js'
import { assertFiles, makeSingle, makeTorrent } from '../kit/made-torrent.js'
import { ScriptedPeer } from '../kit/scripted-peer.js'
import { eventually, notePhases, openClient, reached, startSeed, writeContent } from '../kit/seeding.js'

const KIB = 1024
const MIB = 1024 * KIB
const TIMEOUT = { timeout: 20_000 }

test('a pause lets go of peers and trackers, and both come back when it ends', TIMEOUT, async (t) => {
  const { url, inbox } = await track(t, { interval: 1800 })
  const made = makeTorrent({ files: { a: 3 * MIB }, pieceLength: 64 * KIB, trackers: [[url]] })
  const { script, open } = gate()
  const seed = await ScriptedPeer.listen(t, made, { script })
  const client = openClient(t)
  const output = scratchFolder(t)
  const torrent = await client.add(made.bytes, { output, peers: [seed.address] })
  const phases = notePhases(torrent)
  let answerCount = 0
  torrent.onNotice(({ type }) => {
    if (type === 'trackerAnswered') answerCount++
  })
  await eventually(() => seed.requests.length > 0 && answerCount === 1)
  torrent.pause()
  torrent.pause()
  await eventually(() => seed.openLinkCount === 0 && inbox.all.length === 2)
  assert.equal(torrent.progress().phase, 'paused')
  assert.equal(torrent.progress().connectedPeers, 0)
  torrent.resume()
  torrent.resume()
  await eventually(() => answerCount === 2)
  open()
  await torrent.done
  await torrent.ended
  assertFiles(made, output)
  assert.deepEqual(phases, ['downloading', 'paused', 'downloading', 'complete'])
  await client.close()
  assert.deepEqual(events(inbox), ['started', 'stopped', 'started', 'completed', 'stopped'])
})

test(
  'a pause in the midst of a download, again and again, loses and repeats nothing that was stored',
  TIMEOUT,
  async (t) => {
    for (const pieceLength of [64 * KIB, 8 * MIB]) {
      const made = makeSingle(24 * MIB, pieceLength)
      const seeds = await Promise.all([1, 2].map((host) => ScriptedPeer.listen(t, made, { host })))
      // Pieces of 8 MiB come in parts.
      const client = openClient(t, { memoryBytes: 4 * MIB, maxDownloadBytesPerSecond: 40 * MIB })
      const output = scratchFolder(t)
      const torrent = await client.add(made.bytes, {
        output,
        useTrackers: false,
        peers: seeds.map(({ address }) => address),
      })
      const corrupt: number[] = []
      torrent.onNotice((notice) => notice.type === 'pieceCorrupt' && corrupt.push(notice.piece))
      await reached(torrent, 'downloading')
      for (const share of [0.1, 0.3, 0.5]) {
        await eventually(() => torrent.progress().downloadedBytes > share * made.content.length)
        torrent.pause()
        torrent.resume()
        torrent.pause()
        torrent.resume()
      }
      await torrent.done
      assertFiles(made, output)
      assert.deepEqual(corrupt, [])
      const { downloadedBytes } = torrent.progress()
      const inMemory = 3 * 4 * MIB
      assert.ok(
        downloadedBytes <= made.content.length + inMemory,
        `${downloadedBytes} bytes for ${made.content.length}`,
      )
    }
  },
)

test('a pause while data is checked holds after the check', TIMEOUT, async (t) => {
  const made = makeSingle(20 * MIB, 256 * KIB)
  const folder = scratchFolder(t)
  writeContent(made, folder)
  const client = openClient(t)
  const torrent = await client.add(made.bytes, { output: folder, useTrackers: false, seed: true })
  const phases = notePhases(torrent)
  torrent.pause()
  await reached(torrent, 'paused')
  assert.equal(torrent.progress().verifiedPieces, made.metainfo.geometry.pieceCount)
  torrent.resume()
  await reached(torrent, 'seeding')
  assert.deepEqual(phases, ['paused', 'seeding'])
})

test('a paused seed lets nobody in, and serves again when it is resumed', TIMEOUT, async (t) => {
  const made = makeSingle(300_000, 32 * KIB)
  const { port, torrent } = await startSeed(t, made)
  const before = await Leecher.unchoked(t, made, port)
  torrent.pause()
  await before.closed
  const refused = await Leecher.connect(t, made, port)
  refused.greet()
  await refused.closed
  torrent.resume()
  await reached(torrent, 'seeding')
  const after = await Leecher.unchoked(t, made, port)
  await after.fetch(allBlocks(made))
})

test('what a torrent held in memory is free for others while it is paused', TIMEOUT, async (t) => {
  const client = openClient(t, { memoryBytes: 4 * MIB })
  const made = makeSingle(24 * MIB, 4 * MIB)
  const { script, open } = gate()
  const mute = await ScriptedPeer.listen(t, made, { script })
  const output = scratchFolder(t)
  const paused = await client.add(made.bytes, { output, useTrackers: false, peers: [mute.address] })
  await eventually(() => mute.requests.length > 0)
  // Pieces of 4 MiB come in parts, and the first torrent wants all the memory for them.
  const other = makeTorrent({ files: { other: 8 * MIB }, pieceLength: 4 * MIB })
  const seed = await ScriptedPeer.listen(t, other)
  const otherOutput = scratchFolder(t)
  const torrent = await client.add(other.bytes, {
    output: otherOutput,
    useTrackers: false,
    peers: [seed.address],
  })
  await eventually(() => seed.links.length > 0)
  paused.pause()
  await torrent.done
  assertFiles(other, otherOutput)
  open()
  paused.resume()
  await paused.done
  assertFiles(made, output)
})

test('patience begins anew after a pause', TIMEOUT, async (t) => {
  const made = makeSingle(MIB, 64 * KIB)
  const { script, open } = gate()
  const seed = await ScriptedPeer.listen(t, made, { script })
  const client = openClient(t)
  const output = scratchFolder(t)
  const torrent = await client.add(made.bytes, {
    output,
    useTrackers: false,
    peers: [seed.address],
    giveUpAfterMs: 2_000,
  })
  await eventually(() => seed.requests.length > 0)
  torrent.pause()
  await new Promise((resolve) => setTimeout(resolve, 2_300))
  open()
  torrent.resume()
  await torrent.done
  assertFiles(made, output)
})
