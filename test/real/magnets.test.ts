/**
 * Magnet links between us and other people's programs, by peers that the link names (x.pe, which aria2 and transmission
 * do not read) and by our tracker: their metadata to us, and ours to them.
 */
import assert from 'node:assert/strict'
import { basename, join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { makeNamespacePair } from '../../bench/namespaces.js'
import { writeRandomFile } from '../../bench/payload.js'
import { hashPayload, writeTorrent } from '../../bench/torrent.js'
import { Client } from '../../src/client/client.js'
import { CliProcess } from '../kit/cli-process.js'
import { assertSameFile, newFolder } from '../kit/real-folders.js'
import { RealGet } from '../kit/real-get.js'
import { libtorrentMagnetCommand } from '../kit/real-libtorrent.js'
import { startMagnet } from '../kit/real-magnets.js'
import { makeNetwork } from '../kit/real-network.js'
import { RealProcess } from '../kit/real-process.js'
import { needs } from '../kit/real-programs.js'
import {
  loopbackPlace,
  peerOf,
  type SeedPlace,
  startAria2,
  startLibtorrent,
  startTransmission,
} from '../kit/real-seeds.js'
import { type RealTracker, startTracker } from '../kit/real-tracker.js'

/** Small pieces, so that the metadata has several. */
const PIECE_BYTES = 16_384
const PIECE_COUNT = 3_001

const folder = newFolder()
const payload = writeRandomFile(join(folder, 'payload.bin'), (PIECE_COUNT - 1) * PIECE_BYTES + 12_345)
const torrent = join(folder, 'payload.torrent')
const info = hashPayload({ files: [payload], pieceLengthBytes: PIECE_BYTES })
writeTorrent(torrent, info, undefined)
const LINK = `magnet:?xt=urn:btih:${info.infoHashHex}`

async function assertGets(t: TestContext, place: SeedPlace, prefix: readonly string[] = []): Promise<void> {
  const output = newFolder()
  const link = `${LINK}&x.pe=${peerOf({ torrent, folder, place })}`
  const get = new RealGet(t, [link, '-o', output, '--port', '0', '--timeout', '20'], prefix)
  const { code, stderr } = await get.outcome
  assert.equal(code, 0, stderr)
  assertSameFile(join(output, basename(payload.location)), payload.location)
}

const PORT = 51_413
const TRACKER_ONLY = ['--no-dht', '--no-lsd', '--no-pex']
const PROGRAMS = {
  libtorrent: { start: startLibtorrent, skip: needs('libtorrent', 'namespaces') },
  aria2: { start: startAria2, skip: needs('aria2c', 'namespaces') },
  transmission: { start: startTransmission, skip: needs('transmission-daemon', 'namespaces') },
} as const

function torrentFor(tracker: RealTracker): string {
  const path = join(newFolder(), 'payload.torrent')
  writeTorrent(path, info, tracker.http)
  return path
}

function linkFor(tracker: RealTracker): string {
  return `${LINK}&tr=${encodeURIComponent(tracker.http)}`
}

/** Answers the port. */
async function startOurSeed(t: TestContext): Promise<number> {
  const client = new Client({ port: 0, workers: 1, dht: false, lsd: false })
  t.after(() => client.close())
  const seeding = await client.add(torrent, { output: folder, download: false, seed: true })
  await seeding.done
  return client.port
}

describe('a magnet link becomes a download by x.pe', { concurrency: true }, () => {
  test('from libtorrent', { skip: needs('libtorrent') }, async (t) => {
    const place = await loopbackPlace()
    await startLibtorrent(t, { torrent, folder, place })
    await assertGets(t, place)
  })

  test('from aria2', { skip: needs('aria2c') }, async (t) => {
    const place = await loopbackPlace()
    await startAria2(t, { torrent, folder, place })
    await assertGets(t, place)
  })

  test('from transmission', { skip: needs('transmission-daemon', 'namespaces') }, async (t) => {
    const pair = makeNamespacePair(1)
    t.after(() => pair.remove())
    const place = { host: pair.seedHosts[0]!, port: 51_413, prefix: pair.seedPrefix }
    await startTransmission(t, { torrent, folder, place })
    await assertGets(t, place, pair.downloadPrefix)
  })
})

test('a magnet link of libtorrent becomes a download from our seed by x.pe', {
  skip: needs('libtorrent'),
}, async (t) => {
  const port = await startOurSeed(t)
  const output = newFolder()
  const link = `${LINK}&x.pe=127.0.0.1:${port}`
  const leecher = new RealProcess(t, libtorrentMagnetCommand(link, output, '-'))
  await leecher.says(/^metadata payload\.bin$/m)
  assert.equal(await leecher.exitCode, 0)
  assertSameFile(join(output, 'payload.bin'), payload.location)
})

describe('a magnet link becomes a download by our tracker alone', { concurrency: true }, () => {
  for (const [name, { start, skip }] of Object.entries(PROGRAMS)) {
    test(`from ${name}`, { skip }, async (t) => {
      const [trackerHome, theirs, ours] = makeNetwork(t, 3)
      const tracker = await startTracker(t, trackerHome)
      await start(t, { torrent: torrentFor(tracker), folder, place: { ...theirs!, port: PORT } })
      await tracker.untilSeeds(1)
      const output = newFolder()
      const args = [linkFor(tracker), '-o', output, '--timeout', '20', '--port', '0', ...TRACKER_ONLY]
      const { code, stderr } = await new RealGet(t, args, ours!.prefix).outcome
      assert.equal(code, 0, stderr)
      assertSameFile(join(output, 'payload.bin'), payload.location)
    })

    test(`of ${name}, from our seed`, { skip }, async (t) => {
      const [trackerHome, theirs, ours] = makeNetwork(t, 3)
      const tracker = await startTracker(t, trackerHome)
      new CliProcess(t, ['seed', torrentFor(tracker), folder, ...TRACKER_ONLY], ours!.prefix)
      await tracker.untilSeeds(1)
      const plan = { torrent: linkFor(tracker), place: { ...theirs!, port: PORT } }
      const { output, complete } = await startMagnet[name as keyof typeof startMagnet](t, plan)
      await complete()
      assertSameFile(join(output, 'payload.bin'), payload.location)
    })
  }
})
