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
import type { FileStamp } from './file-stamp.js'
import { fileStamps } from './file-stamps.js'
import { HashPlan } from './hash-plan.js'
import type { OutputFile } from './output-file.js'
import type { PiecePool } from './piece-pool.js'
import type { Verdict } from './piece-tasks.js'

/** What the hashing works on. */
interface Tools {
  readonly map: FileMap
  readonly pool: PiecePool
}

/** What a check has shown. */
export interface ExistingData {
  readonly found: Bitfield
  /** Of each selected file that holds a piece in question, before it was read; by its place in the metainfo. */
  readonly stamps: ReadonlyMap<number, FileStamp>
}

export interface CheckOptions {
  readonly only: Bitfield | undefined
  readonly onProgress: ((checkedBytes: number, bytesToCheck: number) => void) | undefined
  /** Called between tasks. */
  readonly throwIfStopped: () => void
}

/** See `PieceStore.verifyExisting`. */
export async function findExisting({ map, pool }: Tools, options: CheckOptions): Promise<ExistingData> {
  const { throwIfStopped, onProgress } = options
  throwIfStopped()
  map.folder.forgetFolders()
  const { geometry } = map.metainfo
  const found = new Bitfield(geometry.pieceCount)
  const there = await filesThere(map, pool, options.only)
  const candidates = await piecesThere(map, there.sizes, options)
  const bytesToCheck = candidates.reduce((sum, index) => sum + geometry.pieceBytes(index), 0)
  let checkedBytes = 0
  await eachLimited(plans(map, candidates), pool.threadCount * TASKS_PER_THREAD, async (plan) => {
    throwIfStopped()
    const corrupt = new Set(await runPlan(plan, map, pool))
    for (const [place, index] of plan.pieces.entries()) if (!corrupt.has(place)) found.set(index)
    checkedBytes += plan.bytes
    onProgress?.(checkedBytes, bytesToCheck)
  })
  return { found, stamps: there.stamps }
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

interface FilesThere {
  readonly stamps: ReadonlyMap<number, FileStamp>
  /** Of those that hold something, the parts file among them. */
  readonly sizes: Sizes
}

async function filesThere(map: FileMap, pool: PiecePool, only: Bitfield | undefined): Promise<FilesThere> {
  const asked = map.selected.filter((fileIndex) => holdsAny(map, fileIndex, only))
  const files = [...asked.map((fileIndex) => map.file(fileIndex)), map.parts]
  const stamps = await fileStamps(pool, files)
  return {
    stamps: new Map(asked.map((fileIndex, place) => [fileIndex, stamps[place]!])),
    sizes: new Map(
      files.flatMap((file, place) => (stamps[place]!.size > 0 ? [[file, stamps[place]!.size]] : [])),
    ),
  }
}

/** Whether a byte of the file lies in one of the pieces. Never for a file of no bytes. */
function holdsAny(map: FileMap, fileIndex: number, pieces: Bitfield | undefined): boolean {
  const { first, end } = map.metainfo.geometry.piecesOfFile(fileIndex)
  if (pieces === undefined) return end > first
  for (let index = first; index < end; index++) if (pieces.has(index)) return true
  return false
}

/** Pieces in question that hold selected bytes and whose files are all long enough, in order. */
async function piecesThere(map: FileMap, sizes: Sizes, options: CheckOptions): Promise<PieceIndex[]> {
  const { geometry, files } = map.metainfo
  const { only, throwIfStopped } = options
  const there: PieceIndex[] = []
  let next = 0
  for (const fileIndex of map.selected) {
    const size = sizes.get(map.file(fileIndex))
    if (size === undefined) continue
    const { first, end } = geometry.piecesOfFile(fileIndex)
    const lastByte = files[fileIndex]!.offset + size
    const stop = Math.min(end, Math.ceil(lastByte / geometry.pieceLength))
    for (next = Math.max(next, first); next < stop; next++) {
      const isAsked = only === undefined || only.has(next)
      if (isAsked && isThere(map, sizes, next as PieceIndex)) there.push(next as PieceIndex)
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
