/** Swarms of our downloads and other people's around one slow seed: what it gives once, they give each other. */
import assert from 'node:assert/strict'
import { basename, dirname, join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { writeRandomFile } from '../../bench/payload.js'
import { hashPayload, writeTorrent } from '../../bench/torrent.js'
import { CliProcess } from '../kit/cli-process.js'
import { assertSameFile, newFolder } from '../kit/real-folders.js'
import { RealGet } from '../kit/real-get.js'
import { startLeecher } from '../kit/real-leechers.js'
import { type Home, makeNetwork } from '../kit/real-network.js'
import { needs } from '../kit/real-programs.js'
import { startLibtorrent } from '../kit/real-seeds.js'
import { startTracker } from '../kit/real-tracker.js'

const PORT = 51_413
const SEED_BYTES_PER_SECOND = 1_500_000

const payload = writeRandomFile(join(newFolder(), 'payload.bin'), 16_000_001)
const info = hashPayload({ files: [payload], pieceLengthBytes: 65_536 })

const OURS = 3
const THEIRS = ['libtorrent', 'aria2', 'transmission'] as const

/** Starts a slow seed, and returns what tells how many bytes it has served. */
type StartSeed = (t: TestContext, torrent: string, home: Home) => Promise<() => Promise<number>>

const slowSeeds: Readonly<Record<string, StartSeed>> = {
  libtorrent: async (t, torrent, home) => {
    const folder = dirname(payload.location)
    const plan = { torrent, folder, place: { ...home, port: PORT }, uploadRate: SEED_BYTES_PER_SECOND }
    const seed = await startLibtorrent(t, plan)
    return async () => {
      seed.tell('count')
      await seed.says(/^uploaded \d+$/m)
      return Number(/^uploaded (\d+)$/m.exec(seed.said)![1])
    }
  },
  ours: async (t, torrent, { prefix }) => {
    const limit = ['--max-upload', String(SEED_BYTES_PER_SECOND)]
    const seed = new CliProcess(t, ['seed', torrent, payload.location, ...limit], prefix)
    return async () => uploadedBytesAtEnd(seed)
  },
}

/** What one of ours has given when it is told to end. All here are honest, so none may be banned. */
async function uploadedBytesAtEnd(run: CliProcess): Promise<number> {
  run.kill('SIGTERM')
  const { code, events, stderr } = await run.outcome
  assert.equal(code, 0, stderr)
  assert.deepEqual(
    events.filter(({ type }) => type === 'peerBanned'),
    [],
  )
  return events.at(-1)!.uploadedBytes!
}

function assertPayloadIn(output: string): void {
  assertSameFile(join(output, basename(payload.location)), payload.location)
}

async function downloadWithOurs(t: TestContext, torrent: string, { prefix }: Home): Promise<CliProcess> {
  const output = newFolder()
  const get = new RealGet(t, [torrent, '-o', output, '--seed-time', '1h', '--timeout', '30'], prefix)
  await get.until(({ event }) => event === 'complete')
  assertPayloadIn(output)
  return get
}

const skip = needs('libtorrent', 'aria2c', 'transmission-daemon', 'namespaces')

describe('downloads of ours and of others feed each other', { concurrency: true, skip }, () => {
  for (const [whose, startSeed] of Object.entries(slowSeeds)) {
    test(`so that a slow seed of ${whose} is no limit`, async (t) => {
      const [trackerHome, seedHome, ...homes] = makeNetwork(t, 2 + OURS + THEIRS.length)
      const tracker = await startTracker(t, trackerHome)
      const torrent = join(newFolder(), 'payload.torrent')
      writeTorrent(torrent, info, tracker.http)
      const countServed = await startSeed(t, torrent, seedHome!)
      await tracker.untilSeeds(1)

      const theirs = THEIRS.map(async (program, at) => {
        const leecher = await startLeecher[program](t, torrent, { ...homes[OURS + at]!, port: PORT })
        await leecher.complete()
        assertPayloadIn(leecher.output)
      })
      const ours = homes.slice(0, OURS).map((home) => downloadWithOurs(t, torrent, home))
      const [gets] = await Promise.all([Promise.all(ours), ...theirs])
      for (const get of gets) assert.ok((await uploadedBytesAtEnd(get)) > 0, 'it has given nothing')

      const servedBytes = await countServed()
      const fetchedBytes = (OURS + THEIRS.length) * payload.length
      assert.ok(servedBytes < fetchedBytes / 2, `the seed has served ${servedBytes} of ${fetchedBytes}`)
    })
  }
})
