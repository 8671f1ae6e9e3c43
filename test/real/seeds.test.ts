/** Downloads from other people's programs: each alone, all at once, and some that have only parts. */
import assert from 'node:assert/strict'
import { copyFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { makeNamespacePair } from '../../bench/namespaces.js'
import { writeRandomFile } from '../../bench/payload.js'
import { hashPayload, writeTorrent } from '../../bench/torrent.js'
import { assertSameFile, damage, newFolder } from '../kit/real-folders.js'
import { RealGet } from '../kit/real-get.js'
import { needs } from '../kit/real-programs.js'
import {
  loopbackPlace,
  peerOf,
  type SeedPlace,
  startAria2,
  startLibtorrent,
  startTransmission,
} from '../kit/real-seeds.js'

const PIECE_BYTES = 262_144
const PIECE_COUNT = 97
const PORT = 51_413

const folder = newFolder()
const payload = writeRandomFile(join(folder, 'payload.bin'), (PIECE_COUNT - 1) * PIECE_BYTES + 12_345)
const torrent = join(folder, 'payload.torrent')
writeTorrent(torrent, hashPayload({ files: [payload], pieceLengthBytes: PIECE_BYTES }), undefined)

interface DownloadPlan {
  readonly peers: readonly string[]
  readonly prefix?: readonly string[]
}

function startDownload(t: TestContext, { peers, prefix }: DownloadPlan) {
  const output = newFolder()
  const args = [torrent, '-o', output, '--timeout', '20', ...peers.flatMap((peer) => ['--peer', peer])]
  return { output, get: new RealGet(t, args, prefix) }
}

async function assertDownloaded(download: ReturnType<typeof startDownload>): Promise<void> {
  const { code, stderr } = await download.get.outcome
  assert.equal(code, 0, stderr)
  assertSameFile(join(download.output, basename(payload.location)), payload.location)
}

/** Places on the far side of a cable, for programs that refuse loopback addresses. */
function placesAcrossCable(t: TestContext, count: number) {
  const pair = makeNamespacePair(count)
  t.after(() => pair.remove())
  const places = pair.seedHosts.map((host): SeedPlace => ({ host, port: PORT, prefix: pair.seedPrefix }))
  return { places, downloadPrefix: pair.downloadPrefix }
}

describe('a download is complete and identical', { concurrency: true }, () => {
  test('from libtorrent', { skip: needs('libtorrent') }, async (t) => {
    const plan = { torrent, folder, place: await loopbackPlace() }
    await startLibtorrent(t, plan)
    await assertDownloaded(startDownload(t, { peers: [peerOf(plan)] }))
  })

  test('from aria2', { skip: needs('aria2c') }, async (t) => {
    const plan = { torrent, folder, place: await loopbackPlace() }
    await startAria2(t, plan)
    await assertDownloaded(startDownload(t, { peers: [peerOf(plan)] }))
  })

  test('from transmission', { skip: needs('transmission-daemon', 'namespaces') }, async (t) => {
    const { places, downloadPrefix } = placesAcrossCable(t, 1)
    const plan = { torrent, folder, place: places[0]! }
    await startTransmission(t, plan)
    await assertDownloaded(startDownload(t, { peers: [peerOf(plan)], prefix: downloadPrefix }))
  })

  const all = needs('libtorrent', 'aria2c', 'transmission-daemon', 'namespaces')
  test('from all three at once', { skip: all }, async (t) => {
    const { places, downloadPrefix } = placesAcrossCable(t, 3)
    // So slow that none is done before transmission lets us download, which it considers every ten seconds.
    const basics = { torrent, folder, uploadRate: 800_000 }
    const plans = places.map((place) => ({ ...basics, place }))
    await startLibtorrent(t, plans[0]!)
    await startAria2(t, plans[1]!)
    await startTransmission(t, plans[2]!)
    const download = startDownload(t, { peers: plans.map(peerOf), prefix: downloadPrefix })
    await download.get.until((event) => event.unchokedPeers === 3)
    await assertDownloaded(download)
  })

  test('from peers that have disjoint parts of it', { skip: needs('libtorrent') }, async (t) => {
    const peerCount = 3
    const peers: string[] = []
    for (let number = 0; number < peerCount; number++) {
      const plan = { torrent, folder: newFolder(), place: await loopbackPlace() }
      const copy = join(plan.folder, basename(payload.location))
      copyFileSync(payload.location, copy)
      for (let piece = 0; piece < PIECE_COUNT; piece++) {
        if (piece % peerCount === number) continue
        damage(copy, { position: piece * PIECE_BYTES, length: 1 })
      }
      await startLibtorrent(t, plan)
      peers.push(peerOf(plan))
    }
    await assertDownloaded(startDownload(t, { peers }))
  })
})
