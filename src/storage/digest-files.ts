/** The hashes of all pieces of files that are to be shared: read and hashed in the threads of the pool. */
import { StorageError } from '../core/errors.js'
import type { Geometry } from '../core/geometry.js'
import { storageError } from './disk-errors.js'
import { eachLimited } from './each-limited.js'
import type { PiecePool } from './piece-pool.js'
import { type DigestTask, ENDED_EARLY, SHA1_BYTES } from './piece-tasks.js'

export interface DigestOptions {
  readonly pool: PiecePool
  /** Called between tasks. */
  readonly throwIfStopped: () => void
  readonly onProgress: (hashedBytes: number, bytesToHash: number) => void
}

/**
 * SHA-1 of each piece, one after another. The locations are those of the geometry's files, in its order.
 * Throws `StorageError`, `FILE_CHANGED` when a file has become shorter.
 */
export async function digestFiles(
  geometry: Geometry,
  locations: readonly string[],
  { pool, throwIfStopped, onProgress }: DigestOptions,
): Promise<Uint8Array> {
  const hashes = new Uint8Array(geometry.pieceCount * SHA1_BYTES)
  let hashedBytes = 0
  await eachLimited(stretches(geometry), pool.threadCount * TASKS_PER_THREAD, async (stretch) => {
    throwIfStopped()
    const task = taskFor(stretch, geometry, locations)
    const answer = await pool.run('digestPieces', task)
    if (answer.failure !== undefined) throw fileTrouble(answer.failure, task)
    hashes.set(answer.hashes, stretch.firstPiece * SHA1_BYTES)
    hashedBytes += stretch.length
    onProgress(hashedBytes, geometry.totalBytes)
  })
  return hashes
}

/** One more than a thread has at work, so that it never waits for the next. */
const TASKS_PER_THREAD = 2

/**
 * Some milliseconds of hashing: long against the way to the worker and back, short for whoever waits to stop.
 */
const STRETCH_BYTES = 8 * 1024 * 1024

/** Whole pieces that follow each other. */
interface Stretch {
  readonly firstPiece: number
  readonly offset: number
  readonly length: number
}

function* stretches({ pieceLength, pieceCount, totalBytes }: Geometry): Generator<Stretch> {
  const pieces = Math.max(1, Math.floor(STRETCH_BYTES / pieceLength))
  for (let firstPiece = 0; firstPiece < pieceCount; firstPiece += pieces) {
    const offset = firstPiece * pieceLength
    yield { firstPiece, offset, length: Math.min(pieces * pieceLength, totalBytes - offset) }
  }
}

function taskFor({ offset, length }: Stretch, geometry: Geometry, locations: readonly string[]): DigestTask {
  const spans = geometry.spans(offset, length)
  return {
    paths: spans.map((span) => locations[span.fileIndex]!),
    spans: spans.flatMap((span, place) => [place, span.fileOffset, span.length]),
    pieceLength: geometry.pieceLength,
  }
}

function fileTrouble(
  failure: { readonly code: string; readonly subject: number },
  task: DigestTask,
): StorageError {
  const path = task.paths[failure.subject]!
  if (failure.code !== ENDED_EARLY) return storageError(failure, path)
  return new StorageError('FILE_CHANGED', `${path}: became shorter while it was hashed`, path)
}
