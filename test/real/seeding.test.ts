/** Other people's programs download what `swarmfetch create` and `swarmfetch seed` offer, found through our tracker. */
import assert from 'node:assert/strict'
import { readdirSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { writeRandomFile } from '../../bench/payload.js'
import { hashPayload, writeTorrent } from '../../bench/torrent.js'
import { runCli } from '../cli/run-cli.js'
import { CliProcess } from '../kit/cli-process.js'
import { assertSameFile, assertSameTree, newFolder } from '../kit/real-folders.js'
import { RealGet } from '../kit/real-get.js'
import { type RealLeecher, startLeecher } from '../kit/real-leechers.js'
import { makeNetwork } from '../kit/real-network.js'
import { startOpentracker } from '../kit/real-opentracker.js'
import { needs } from '../kit/real-programs.js'
import { loopbackPlace } from '../kit/real-seeds.js'
import { startTracker } from '../kit/real-tracker.js'

const PORT = 51_413

/** Names that need care, and files that share pieces. */
const AWKWARD = {
  '.hidden': 20_000,
  'a b/ç & 100%.bin': 3_000_001,
  'a b/c': 1,
  'a-b.bin': 16_384,
  'deep/er/still/\u{1f600}.bin': 700_003,
  'z.txt': 16_383,
}

function awkwardFolder(): string {
  const folder = join(newFolder(), 'awkward set')
  for (const [path, length] of Object.entries(AWKWARD)) writeRandomFile(join(folder, path), length)
  return folder
}

interface Offer {
  /** The file or folder to share. */
  readonly source: string
  readonly pieceLength: string
}

const OFFERS: Readonly<Record<string, Offer>> = {
  'an awkward folder in pieces of 16 KiB': { source: awkwardFolder(), pieceLength: '16K' },
  'a file in pieces of 4 MiB': {
    source: writeRandomFile(join(newFolder(), 'big.bin'), 18_000_001).location,
    pieceLength: '4M',
  },
}

/** The path of the .torrent. */
async function create({ source, pieceLength }: Offer, tracker: string): Promise<string> {
  const torrent = join(newFolder(), 'made.torrent')
  const args = [
    'create',
    source,
    '-o',
    torrent,
    '--piece-length',
    pieceLength,
    '--tracker',
    tracker,
    '--quiet',
  ]
  const { code, stderr } = await runCli(args)
  assert.equal(code, 0, stderr)
  return torrent
}

interface SeedManner {
  readonly options?: readonly string[]
  readonly prefix?: readonly string[]
}

async function startSeed(t: TestContext, torrent: string, { source }: Offer, manner: SeedManner = {}) {
  const { options = [], prefix } = manner
  const seed = new CliProcess(t, ['seed', torrent, source, '--port', '0', ...options], prefix)
  await seed.until(({ type }) => type === 'trackerAnswered')
  return seed
}

async function assertArrives({ output, complete }: RealLeecher, { source }: Offer): Promise<void> {
  await complete()
  const arrived = join(output, basename(source))
  if (statSync(source).isDirectory()) assertSameTree(arrived, source)
  else assertSameFile(arrived, source)
}

/** At most so many tests at once: each has three programs or more, which mostly wait for each other. */
const concurrency = 6

describe('what our seed offers arrives complete and identical', { concurrency }, () => {
  for (const [what, offer] of Object.entries(OFFERS)) {
    for (const program of ['libtorrent', 'aria2'] as const) {
      for (const scheme of ['http', 'udp'] as const) {
        const skip = needs(program === 'aria2' ? 'aria2c' : program)
        test(`${what} in ${program}, which finds the seed over ${scheme}`, { skip }, async (t) => {
          const tracker = await startTracker(t)
          const torrent = await create(offer, tracker[scheme])
          await startSeed(t, torrent, offer)
          await assertArrives(await startLeecher[program](t, torrent, await loopbackPlace()), offer)
        })
      }
    }

    const skip = needs('libtorrent', 'aria2c', 'transmission-daemon', 'namespaces')
    for (const programs of [['transmission'], ['libtorrent', 'aria2', 'transmission']] as const) {
      test(`${what} in ${programs.join(', ')} at addresses of their own`, { skip }, async (t) => {
        const [trackerHome, seedHome, ...homes] = makeNetwork(t, 2 + programs.length)
        const tracker = await startTracker(t, trackerHome)
        const torrent = await create(offer, tracker.http)
        await startSeed(t, torrent, offer, seedHome)
        const arrivals = programs.map(async (program, at) => {
          const leecher = await startLeecher[program](t, torrent, { ...homes[at]!, port: PORT })
          await assertArrives(leecher, offer)
        })
        await Promise.all(arrivals)
      })
    }
  }

  for (const scheme of ['http', 'udp']) {
    test(`in our own get, through opentracker over ${scheme}`, { skip: needs('opentracker') }, async (t) => {
      const payload = writeRandomFile(join(newFolder(), 'payload.bin'), 3_000_001)
      const offer = { source: payload.location, pieceLength: '64K' }
      const info = hashPayload({ files: [payload], pieceLengthBytes: 65_536 })
      const torrent = join(newFolder(), 'payload.torrent')
      writeTorrent(torrent, info, (await startOpentracker(t, [info.infoHashHex])).replace('http', scheme))
      await startSeed(t, torrent, offer)
      const output = newFolder()
      const { code, stderr } = await new RealGet(t, [torrent, '-o', output, '--timeout', '20']).outcome
      assert.equal(code, 0, stderr)
      assertSameFile(join(output, 'payload.bin'), offer.source)
    })
  }
})

/** A file for one test alone, because what is remembered of it lies beside it. */
function ownFile(): Offer {
  return { source: writeRandomFile(join(newFolder(), 'own.bin'), 18_000_001).location, pieceLength: '256K' }
}

/** All progress of a run that trusts what the last one has left. */
async function assertTrustful(seed: CliProcess): Promise<void> {
  await seed.until(({ event, phase }) => event === 'progress' && phase === 'seeding')
  seed.kill('SIGTERM')
  const { code, events, stderr } = await seed.outcome
  assert.equal(code, 0, stderr)
  assert.deepEqual([...new Set(events.flatMap(({ bytesToCheck }) => bytesToCheck ?? []))], [0])
}

describe('a seed that ends', { concurrency }, () => {
  const skip = needs('libtorrent', 'aria2c')
  test('and comes back is found by those who are at work', { skip }, async (t) => {
    const offer = ownFile()
    const torrent = await create(offer, (await startTracker(t)).http)
    const limit = ['--max-upload', '3M']
    const first = await startSeed(t, torrent, offer, { options: limit })
    const leechers = await Promise.all([
      startLeecher.libtorrent(t, torrent, await loopbackPlace()),
      startLeecher.aria2(t, torrent, await loopbackPlace()),
    ])
    const { uploadedBytes } = await first.until((event) => (event.uploadedBytes ?? 0) > 4_000_000)
    assert.ok(uploadedBytes! < 16_000_000)
    first.kill('SIGTERM')
    assert.equal((await first.outcome).code, 0)
    const second = await startSeed(t, torrent, offer, { options: limit })
    await Promise.all(leechers.map((leecher) => assertArrives(leecher, offer)))
    await assertTrustful(second)
  })

  test('by SIGKILL need not hash again what was verified and did not change', { skip }, async (t) => {
    const offer = ownFile()
    const torrent = await create(offer, (await startTracker(t)).http)
    const first = await startSeed(t, torrent, offer)
    await first.until(() => readdirSync(dirname(offer.source)).some((name) => name.endsWith('.resume')))
    first.kill('SIGKILL')
    await first.outcome
    const second = await startSeed(t, torrent, offer)
    await assertArrives(await startLeecher.libtorrent(t, torrent, await loopbackPlace()), offer)
    await assertTrustful(second)
  })
})
