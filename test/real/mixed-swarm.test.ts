/** Swarms of our downloads and other people's around one slow seed: what it gives once, they give each other. */
import assert from 'node:assert/strict'
import { basename, dirname, join } from 'node:path'
import { test } from 'node:test'
import { writeRandomFile } from '../../bench/payload.js'
import { hashPayload, writeTorrent } from '../../bench/torrent.js'
import { assertSameFile, newFolder } from '../kit/real-folders.js'
import { RealGet } from '../kit/real-get.js'
import { startLeecher } from '../kit/real-leechers.js'
import { makeNetwork } from '../kit/real-network.js'
import { needs } from '../kit/real-programs.js'
import { startLibtorrent } from '../kit/real-seeds.js'
import { startTracker } from '../kit/real-tracker.js'

const PORT = 51_413
const SEED_BYTES_PER_SECOND = 1_500_000

const payload = writeRandomFile(join(newFolder(), 'payload.bin'), 16_000_001)
const info = hashPayload({ files: [payload], pieceLengthBytes: 65_536 })

const OURS = 3
const THEIRS = ['libtorrent', 'aria2', 'transmission'] as const

const skip = needs('libtorrent', 'aria2c', 'transmission-daemon', 'namespaces')
test('downloads of ours and of others feed each other, so that a slow seed is no limit', {
  skip,
}, async (t) => {
  const [trackerHome, seedHome, ...homes] = makeNetwork(t, 2 + OURS + THEIRS.length)
  const tracker = await startTracker(t, trackerHome)
  const torrent = join(newFolder(), 'payload.torrent')
  writeTorrent(torrent, info, tracker.http)
  const seed = await startLibtorrent(t, {
    torrent,
    folder: dirname(payload.location),
    place: { ...seedHome!, port: PORT },
    uploadRate: SEED_BYTES_PER_SECOND,
  })
  await tracker.untilSeeds(1)

  const theirs = THEIRS.map(async (program, at) => {
    const leecher = await startLeecher[program](t, torrent, { ...homes[OURS + at]!, port: PORT })
    await leecher.complete()
    assertSameFile(join(leecher.output, basename(payload.location)), payload.location)
  })
  const ours = homes.slice(0, OURS).map(async ({ prefix }) => {
    const output = newFolder()
    const get = new RealGet(t, [torrent, '-o', output, '--seed-time', '1h', '--timeout', '30'], prefix)
    await get.until(({ event }) => event === 'complete')
    assertSameFile(join(output, basename(payload.location)), payload.location)
    return get
  })
  await Promise.all(theirs)
  for (const get of await Promise.all(ours)) {
    get.kill('SIGTERM')
    const { code, events, stderr } = await get.outcome
    assert.equal(code, 0, stderr)
    const { uploadedBytes } = events.at(-1)!
    assert.ok(uploadedBytes! > 0, 'it has given nothing')
  }

  seed.tell('count')
  await seed.says(/^uploaded \d+$/m)
  const servedBytes = Number(/^uploaded (\d+)$/m.exec(seed.said)![1])
  const fetchedBytes = (OURS + THEIRS.length) * payload.length
  assert.ok(servedBytes < fetchedBytes / 2, `the seed has served ${servedBytes} of ${fetchedBytes}`)
})
