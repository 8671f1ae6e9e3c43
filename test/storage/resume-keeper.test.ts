import assert from 'node:assert/strict'
import { mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { Bitfield } from '../../src/core/bitfield.js'
import { StorageError } from '../../src/core/errors.js'
import type { PieceIndex } from '../../src/core/geometry.js'
import type { ResumeState } from '../../src/storage/piece-store.js'
import { RESUME_SAVE_MS } from '../../src/storage/resume-save-ms.js'
import type { TorrentStorage } from '../../src/storage/torrent-storage.js'
import { HandClock } from '../kit/hand-clock.js'
import {
  exists,
  type SampleTorrent,
  type StorageChoices,
  sampleTorrent,
  scratchFolder,
  scratchPool,
  scratchStorage,
  storeAll,
} from './sample-torrent.js'
import { spoilQuietly } from './spoil-quietly.js'

/** Pieces 0 to 2 lie in the first file, 2 to 4 in the second. */
const torrent = sampleTorrent(
  [
    { path: 'T/a', length: 40 },
    { path: 'T/b', length: 40 },
  ],
  16,
)

const pieces = (...indices: number[]): PieceIndex[] => indices as PieceIndex[]

function fieldOf(indices: readonly number[]): Bitfield {
  const field = new Bitfield(torrent.metainfo.geometry.pieceCount)
  for (const index of indices) field.set(index)
  return field
}

function indicesIn(field: Bitfield | undefined): number[] | undefined {
  return field && [...Array(field.size).keys()].filter((index) => field.has(index))
}

function state(have: readonly number[], isClean = false): ResumeState {
  return { have: fieldOf(have), uploadedBytes: 5, downloadedBytes: 6, isClean }
}

/** One run of the program after another on the same folder. */
class Runs {
  readonly resumePath: string
  readonly #t: TestContext
  readonly #folder: string
  readonly #pool

  constructor(t: TestContext, folder: string) {
    this.#t = t
    this.#folder = folder
    this.#pool = scratchPool(t)
    this.resumePath = join(folder, `.${torrent.metainfo.infoHash.hex}.resume`)
  }

  static async begin(t: TestContext): Promise<{ runs: Runs; first: TorrentStorage }> {
    const runs = new Runs(t, await scratchFolder(t))
    const first = runs.next()
    await first.verifyExisting()
    await first.prepare()
    return { runs, first }
  }

  next(choices: StorageChoices = {}, sample: SampleTorrent = torrent): TorrentStorage {
    return scratchStorage(this.#t, sample, this.#folder, { pool: this.#pool, ...choices })
  }

  /** What a run that begins now would trust, and look at again. */
  async loaded(choices?: StorageChoices): Promise<{ have: number[]; toCheck: number[] } | undefined> {
    const resumed = await this.next(choices).loadResume()
    return resumed && { have: indicesIn(resumed.have)!, toCheck: indicesIn(resumed.toCheck)! }
  }
}

test('the next run trusts what was saved, without reading it', async (t) => {
  const { runs, first } = await Runs.begin(t)
  await storeAll(first, torrent, pieces(0, 1, 3))
  await first.saveResume(state([0, 1, 3], true))
  await first.close()
  await spoilQuietly(first.filePath(0), 0)
  const resumed = await runs.next().loadResume()
  assert.deepEqual(indicesIn(resumed?.have), [0, 1, 3])
  assert.deepEqual(indicesIn(resumed?.toCheck), [])
  assert.deepEqual([resumed?.uploadedBytes, resumed?.downloadedBytes], [5, 6])
})

test('a file that somebody changed is checked again, and the rest is trusted', async (t) => {
  const { runs, first } = await Runs.begin(t)
  await storeAll(first, torrent)
  await first.saveResume(state([0, 1, 2, 3, 4], true))
  await first.close()
  const bytes = await readFile(first.filePath(1))
  bytes[30]! ^= 1
  await writeFile(first.filePath(1), bytes)
  await spoilQuietly(first.filePath(0), 0)
  const second = runs.next()
  const resumed = await second.loadResume()
  assert.deepEqual(indicesIn(resumed?.have), [0, 1])
  assert.deepEqual(indicesIn(resumed?.toCheck), [2, 3, 4])
  assert.deepEqual(indicesIn(await second.verifyExisting({ only: resumed!.toCheck })), [2, 3])
})

test('after a crash what was saved is trusted, though its files were written to since', async (t) => {
  const { runs, first } = await Runs.begin(t)
  await storeAll(first, torrent, pieces(0))
  await first.saveResume(state([0]))
  await storeAll(first, torrent, pieces(1, 4))
  await first.close()
  assert.deepEqual(await runs.loaded(), { have: [0], toCheck: [] })
})

test('a crash right after a clean end or a crash costs no check either', async (t) => {
  const { runs, first } = await Runs.begin(t)
  await storeAll(first, torrent, pieces(0))
  await first.saveResume(state([0], true))
  await first.close()
  // As if that had been long ago.
  await utimes(runs.resumePath, 1000, 1000)
  for (const index of [1, 3, 4]) {
    const next = runs.next()
    assert.deepEqual(indicesIn((await next.loadResume())?.have), [0])
    await storeAll(next, torrent, pieces(index))
    await next.close()
  }
  assert.deepEqual(await runs.loaded(), { have: [0], toCheck: [] })
})

test('a clean record does not outlive the next write of the same run', async (t) => {
  const { runs, first } = await Runs.begin(t)
  await storeAll(first, torrent, pieces(0))
  await first.saveResume(state([0], true))
  await storeAll(first, torrent, pieces(1))
  await first.close()
  assert.deepEqual(await runs.loaded(), { have: [0], toCheck: [] })
})

test('a piece that turned out wrong is not claimed any more once something was written', async (t) => {
  const { runs, first } = await Runs.begin(t)
  await storeAll(first, torrent, pieces(0, 1, 3))
  await first.saveResume(state([0, 1, 3]))
  await spoilQuietly(first.filePath(0), 0)
  await spoilQuietly(first.filePath(0), 20)
  assert.deepEqual(indicesIn(await first.verifyExisting({ only: fieldOf([0]) })), [])
  assert.equal(await first.verifyPiece(pieces(1)[0]!), 'corrupt')
  await storeAll(first, torrent, pieces(2))
  await first.close()
  assert.deepEqual(await runs.loaded(), { have: [3], toCheck: [] })
})

test('a record that was not asked for does not outlive the first write', async (t) => {
  const { runs, first } = await Runs.begin(t)
  await storeAll(first, torrent, pieces(0))
  await first.saveResume(state([0]))
  await first.close()
  const second = runs.next()
  await storeAll(second, torrent, pieces(1))
  assert.ok(!(await exists(runs.resumePath)))
})

test('while pieces are written the record gets a sign of life now and then', async (t) => {
  const clock = new HandClock()
  const runs = new Runs(t, await scratchFolder(t))
  const storage = runs.next({ clock })
  await storage.verifyExisting()
  await storage.prepare()
  await storage.saveResume(state([]))
  const isAlive = async (index: number) => {
    await utimes(runs.resumePath, 1000, 1000)
    await storeAll(storage, torrent, pieces(index))
    return (await stat(runs.resumePath)).mtimeMs > 1_000_000
  }
  clock.pass(RESUME_SAVE_MS - 1)
  assert.equal(await isAlive(0), false)
  clock.pass(1)
  assert.equal(await isAlive(1), true)
  assert.equal(await isAlive(2), false)
  assert.deepEqual((await runs.loaded())?.toCheck, [0, 1, 2, 3, 4], 'that long after the last sign of life')
})

test('a file that was removed or replaced while in use is checked again', async (t) => {
  const harms: ((path: string) => Promise<void>)[] = [
    (path) => rm(path),
    async (path) => {
      await writeFile(`${path}.new`, Buffer.alloc(40))
      await rename(`${path}.new`, path)
    },
  ]
  for (const harm of harms) {
    const { runs, first } = await Runs.begin(t)
    await storeAll(first, torrent, pieces(0, 1, 3))
    await first.saveResume(state([0, 1, 3]))
    await first.close()
    const second = runs.next()
    await second.loadResume()
    await harm(second.filePath(0))
    await storeAll(second, torrent, pieces(2))
    await second.saveResume(state([0, 1, 2, 3], true))
    await second.close()
    assert.deepEqual(await runs.loaded(), { have: [3], toCheck: [0, 1, 2] })
  }
})

test('files that nobody looked at are claimed by no record', async (t) => {
  const runs = new Runs(t, await scratchFolder(t))
  const storage = runs.next()
  await storage.prepare()
  await storeAll(storage, torrent, pieces(0, 1))
  await storage.saveResume(state([0, 1], true))
  await storage.close()
  assert.deepEqual(await runs.loaded(), { have: [], toCheck: [0, 1, 2, 3, 4] })
})

test('pieces at the edge of the selection are remembered without the parts file', async (t) => {
  const runs = new Runs(t, await scratchFolder(t))
  const selected = (fileIndex: number) => fileIndex === 0
  const first = runs.next({ selected })
  await first.verifyExisting()
  await first.prepare()
  await storeAll(first, torrent, pieces(0, 1, 2))
  await first.finish()
  await first.saveResume(state([0, 1, 2], true))
  await first.close()
  assert.deepEqual(await runs.loaded({ selected }), { have: [0, 1, 2], toCheck: [] })
  assert.deepEqual(await runs.loaded(), { have: [0, 1], toCheck: [2, 3, 4] })
})

test('of saves that are asked for at once the first and the last are made', async (t) => {
  const { runs, first } = await Runs.begin(t)
  await storeAll(first, torrent)
  const have = fieldOf([0])
  const saves = [first.saveResume({ ...state([]), have }), first.saveResume(state([1]))]
  have.set(4)
  saves.push(first.saveResume(state([2], true)))
  assert.notEqual(saves[0], saves[1])
  await saves[0]
  await Promise.all(saves)
  await first.close()
  assert.deepEqual((await runs.loaded())?.have, [2])
})

test('a state is copied when a save is asked for', async (t) => {
  const { runs, first } = await Runs.begin(t)
  await storeAll(first, torrent)
  const have = fieldOf([0])
  const saving = first.saveResume({ ...state([], true), have })
  have.set(4)
  await saving
  await first.close()
  assert.deepEqual((await runs.loaded())?.have, [0])
})

test('closing waits for a save', async (t) => {
  const { runs, first } = await Runs.begin(t)
  await storeAll(first, torrent, pieces(0))
  const saving = first.saveResume(state([0], true))
  await first.close()
  assert.ok(await exists(runs.resumePath))
  await saving
})

test('a removed record is gone, and a later save makes a new one', async (t) => {
  const { runs, first } = await Runs.begin(t)
  const saving = first.saveResume(state([]))
  await first.removeResume()
  await saving
  assert.ok(!(await exists(runs.resumePath)))
  await storeAll(first, torrent, pieces(1))
  assert.ok(!(await exists(runs.resumePath)))
  await first.saveResume(state([1]))
  assert.deepEqual((await runs.loaded())?.have, [1])
})

test('without its folder nothing can be saved, and there is nothing to load', async (t) => {
  const runs = new Runs(t, join(await scratchFolder(t), 'absent'))
  const storage = runs.next()
  await assert.rejects(storage.saveResume(state([])), StorageError)
  assert.equal(await storage.loadResume(), undefined)
})

test('data goes on being written when its record cannot be', async (t) => {
  const { runs, first } = await Runs.begin(t)
  await storeAll(first, torrent, pieces(0))
  await first.saveResume(state([0], true))
  // A folder in the place of the temporary: no save will succeed.
  await mkdir(`${runs.resumePath}.tmp`)
  await storeAll(first, torrent, pieces(1))
  assert.equal(await first.verifyPiece(pieces(1)[0]!), 'stored')
})
