/**
 * Finds out which pieces are already on disk and right, so that a second run of the same command finishes the
 * rest. Only pieces whose every byte is there get read; they are hashed by all threads of the pool at once.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Bitfield } from '../core/bitfield.js'
import type { PieceIndex } from '../core/geometry.js'
import { storageError } from './disk-errors.js'
import { eachLimited } from './each-limited.js'
import type { FileMap } from './file-map.js'
import { fileSizes } from './file-sizes.js'
import { HashPlan } from './hash-plan.js'
import type { OutputFile } from './output-file.js'
import type { PiecePool } from './piece-pool.js'
import type { Verdict } from './piece-tasks.js'

/** What the hashing works on. */
interface Tools {
  readonly map: FileMap
  readonly pool: PiecePool
}

/**
 * See `PieceStore.verifyExisting`.
 *
 * @param throwIfStopped called between tasks
 */
export async function findExisting(
  { map, pool }: Tools,
  throwIfStopped: () => void,
  onProgress: (checkedBytes: number, bytesToCheck: number) => void = () => {},
): Promise<Bitfield> {
  throwIfStopped()
  const { geometry } = map.metainfo
  const found = new Bitfield(geometry.pieceCount)
  const candidates = await piecesThere(map, await sizesOnDisk(map, pool), throwIfStopped)
  const bytesToCheck = candidates.reduce((sum, index) => sum + geometry.pieceBytes(index), 0)
  let checkedBytes = 0
  await eachLimited(plans(map, candidates), pool.threadCount * TASKS_PER_THREAD, async (plan) => {
    throwIfStopped()
    const corrupt = new Set(await runPlan(plan, map, pool))
    for (const [place, index] of plan.pieces.entries()) if (!corrupt.has(place)) found.set(index)
    checkedBytes += plan.bytes
    onProgress(checkedBytes, bytesToCheck)
  })
  return found
}

/** See `PieceStore.verifyPiece`. */
export async function verifyPiece({ map, pool }: Tools, index: PieceIndex): Promise<Verdict> {
  const files = new Set(map.pieceSpans(index).map((span) => span.file))
  for (const file of files) if (file && !(await file.isReachable())) return 'corrupt'
  const plan = new HashPlan(map)
  plan.add(index)
  return (await runPlan(plan, map, pool)).length === 0 ? 'stored' : 'corrupt'
}

/** One more than a thread has at work, so that it never waits for the next. */
const TASKS_PER_THREAD = 2

/** How many pieces are looked at before the event loop gets a turn. */
const PIECES_PER_TURN = 8192

type Sizes = ReadonlyMap<OutputFile, number>

/** Of the selected files, and of the parts file, those that hold something. */
async function sizesOnDisk(map: FileMap, pool: PiecePool): Promise<Sizes> {
  const { files } = map.metainfo
  const asked = [map.parts, ...map.selected.filter((i) => files[i]!.length > 0).map((i) => map.file(i))]
  const sizes = await fileSizes(pool, asked)
  return new Map(asked.flatMap((file, place) => (sizes[place]! > 0 ? [[file, sizes[place]!]] : [])))
}

/** Pieces that hold selected bytes and whose files are all long enough, in order. */
async function piecesThere(map: FileMap, sizes: Sizes, throwIfStopped: () => void): Promise<PieceIndex[]> {
  const { geometry, files } = map.metainfo
  const there: PieceIndex[] = []
  let next = 0
  for (const fileIndex of map.selected) {
    const size = sizes.get(map.file(fileIndex))
    if (size === undefined) continue
    const { first, end } = geometry.piecesOfFile(fileIndex)
    const lastByte = files[fileIndex]!.offset + size
    const stop = Math.min(end, Math.ceil(lastByte / geometry.pieceLength))
    for (next = Math.max(next, first); next < stop; next++) {
      if (isThere(map, sizes, next as PieceIndex)) there.push(next as PieceIndex)
      if (next % PIECES_PER_TURN !== 0) continue
      await nextTurn()
      throwIfStopped()
    }
  }
  return there
}

function isThere(map: FileMap, sizes: Sizes, index: PieceIndex): boolean {
  return map
    .pieceSpans(index)
    .every(({ file, position, length }) => file === undefined || (sizes.get(file) ?? 0) >= position + length)
}

function* plans(map: FileMap, pieces: readonly PieceIndex[]): Generator<HashPlan> {
  let plan = new HashPlan(map)
  for (const index of pieces) {
    plan.add(index)
    if (!plan.isFull) continue
    yield plan
    plan = new HashPlan(map)
  }
  if (plan.pieces.length > 0) yield plan
}

/** The places of the corrupt pieces in the plan. */
async function runPlan(plan: HashPlan, map: FileMap, pool: PiecePool): Promise<readonly number[]> {
  const task = plan.task()
  const { corrupt, failure } = await pool.run('hashPieces', task)
  if (failure !== undefined) throw storageError(failure, task.paths[failure.subject] ?? map.folder.path)
  return corrupt
}
