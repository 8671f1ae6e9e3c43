/**
 * Magnet links that become downloads by peer exchange alone (BEP 11): the one peer that is known gives nearly
 * nothing, but names the seed. Other people's programs tell ours, and ours tell them.
 */
import assert from 'node:assert/strict'
import { basename, join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { writeRandomFile } from '../../bench/payload.js'
import { hashPayload, writeTorrent } from '../../bench/torrent.js'
import { EXIT } from '../../src/cli/exit-codes.js'
import { CliProcess } from '../kit/cli-process.js'
import { assertSameFile, newFolder } from '../kit/real-folders.js'
import { RealGet } from '../kit/real-get.js'
import { startLeecher } from '../kit/real-leechers.js'
import { startMagnet } from '../kit/real-magnets.js'
import { type Home, makeNetwork } from '../kit/real-network.js'
import type { RealProcess } from '../kit/real-process.js'
import { needs } from '../kit/real-programs.js'
import { startLibtorrent } from '../kit/real-seeds.js'
import { type RealTracker, startTracker } from '../kit/real-tracker.js'

const PORT = 51_413
const finders = ['pex'] as const
/** With that the payload would take a quarter of an hour. */
const SLOWLY = { uploadRate: 4_000, downloadRate: 4_000 }
const NO_OTHERS = ['--no-dht', '--no-lsd', '--port', String(PORT)]

const folder = newFolder()
const payload = writeRandomFile(join(folder, 'payload.bin'), 4_000_001)
const info = hashPayload({ files: [payload], pieceLengthBytes: 65_536 })
const LINK = `magnet:?xt=urn:btih:${info.infoHashHex}`

const PROGRAMS = {
  libtorrent: needs('libtorrent', 'namespaces'),
  aria2: needs('libtorrent', 'aria2c', 'namespaces'),
  transmission: needs('libtorrent', 'transmission-daemon', 'namespaces'),
} as const

function writeTorrentFor(tracker: RealTracker | undefined): string {
  const torrent = join(newFolder(), 'payload.torrent')
  writeTorrent(torrent, info, tracker?.http)
  return torrent
}

/** The tracker knows it, if there is one. */
async function startSeed(t: TestContext, home: Home, tracker?: RealTracker): Promise<RealProcess> {
  const torrent = writeTorrentFor(tracker)
  const seed = await startLibtorrent(t, { torrent, folder, finders, place: { ...home, port: PORT } })
  await tracker?.untilSeeds(1)
  return seed
}

/** Somebody has connected to the seed: from now on he can tell of it. */
async function untilMet(seed: RealProcess): Promise<void> {
  await seed.until(async () => {
    seed.tell('peers')
    return /^peer /m.test(seed.said)
  })
}

function assertArrived(output: string): void {
  assertSameFile(join(output, basename(payload.location)), payload.location)
}

describe('a magnet link becomes a download by peer exchange alone', { concurrency: true }, () => {
  for (const [name, skip] of Object.entries(PROGRAMS)) {
    test(`because ${name} names the seed`, { skip }, async (t) => {
      const [trackerHome, seedHome, tellerHome, home] = makeNetwork(t, 4)
      const tracker = await startTracker(t, trackerHome)
      const seed = await startSeed(t, seedHome!, tracker)
      const place = { ...tellerHome!, ...SLOWLY, finders, port: PORT }
      await startLeecher[name as keyof typeof startLeecher](t, writeTorrentFor(tracker), place)
      await untilMet(seed)
      const output = newFolder()
      const source = `${LINK}&x.pe=${place.host}:${PORT}`
      const args = [source, '-o', output, '--timeout', '30', '--no-trackers', ...NO_OTHERS]
      const { code, stderr } = await new RealGet(t, args, home!.prefix).outcome
      assert.equal(code, EXIT.done, stderr)
      assertArrived(output)
    })

    test(`of ${name}, because ours names the seed`, { skip }, async (t) => {
      const [trackerHome, seedHome, tellerHome, home] = makeNetwork(t, 4)
      const tracker = await startTracker(t, trackerHome)
      const seed = await startSeed(t, seedHome!)
      const peer = ['--peer', `${seedHome!.host}:${PORT}`, '--max-download', '4K', '--max-upload', '4K']
      const args = [writeTorrentFor(tracker), '-o', newFolder(), ...peer, ...NO_OTHERS]
      new CliProcess(t, ['get', ...args], tellerHome!.prefix)
      await untilMet(seed)
      const link = `${LINK}&tr=${encodeURIComponent(tracker.http)}`
      const plan = { torrent: link, finders, place: { ...home!, port: PORT } }
      const { output, complete } = await startMagnet[name as keyof typeof startMagnet](t, plan)
      await complete()
      assertArrived(output)
    })
  }
})
