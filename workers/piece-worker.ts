/**
 * Runs in the threads of the piece pool: hashes, writes, reads. Blocking calls are the point: nobody else
 * lives here. Nothing is kept between tasks but scratch memory, and no trouble with the disk is thrown.
 */
import { createHash, hash } from 'node:crypto'
import { lstatSync, readSync, writeSync } from 'node:fs'
import {
  ABSENT,
  type DiskFailure,
  type HashAnswer,
  type HashTask,
  NOT_REGULAR,
  PIECE_FIELDS,
  READ_FIELDS,
  SHA1_BYTES,
  STAMP_FIELDS,
  type StampAnswer,
  type StampTask,
  type StoreAnswer,
  type StoreTask,
  SYMLINK,
  WRITE_FIELDS,
  type WriteAnswer,
  type WriteTask,
  ZEROS,
  type ZeroAnswer,
  type ZeroTask,
} from '../src/storage/piece-tasks.js'
import { diskFailure, moveBack } from './answers.js'
import { OpenedFile } from './open-regular.js'

export { digestPieces } from './digest-pieces.js'
export { listFolder } from './list-folder.js'
export { readBlocks } from './read-blocks.js'
export { syncFiles } from './sync-files.js'

/** Hashes each piece in the buffer and writes those that are right; the buffer goes back. */
export function storePieces({ buffer, hashes, pieces, spans }: StoreTask): StoreAnswer {
  const corrupt: number[] = []
  const right: number[] = []
  const expected = asBuffer(hashes)
  let span = 0
  for (let at = 0; at < pieces.length; at += PIECE_FIELDS) {
    const piece = new Uint8Array(buffer, pieces[at]!, pieces[at + 1]!)
    const spanEnd = span + pieces[at + 2]! * WRITE_FIELDS
    const ordinal = at / PIECE_FIELDS
    if (hash('sha1', piece, 'hex') !== sha1At(expected, ordinal)) corrupt.push(ordinal)
    else while (span < spanEnd) right.push(spans[span++]!)
    span = spanEnd
  }
  return moveBack({ buffer, corrupt, failure: writeMerged(buffer, right) }, [buffer])
}

/** Writes the spans as they are; the buffer goes back. */
export function writeSpans({ buffer, spans }: WriteTask): WriteAnswer {
  return moveBack({ buffer, failure: writeMerged(buffer, spans) }, [buffer])
}

/** Reads each piece from disk, in bounded steps, and compares its hash. */
export function hashPieces({ paths, hashes, spanCounts, spans }: HashTask): HashAnswer {
  const corrupt: number[] = []
  const expected = asBuffer(hashes)
  const reader = new SpanReader(paths)
  try {
    let span = 0
    for (const [ordinal, spanCount] of spanCounts.entries()) {
      const spanEnd = span + spanCount * READ_FIELDS
      const sha1 = createHash('sha1')
      while (span < spanEnd && reader.read(spans, span, (bytes) => sha1.update(bytes))) span += READ_FIELDS
      if (span < spanEnd || sha1.digest('hex') !== sha1At(expected, ordinal)) corrupt.push(ordinal)
      span = spanEnd
    }
    return { corrupt, failure: undefined }
  } catch (error) {
    return { corrupt, failure: diskFailure(error, reader.current) }
  } finally {
    reader.close()
  }
}

/** Writes zeros over a part of a file, so that its place on disk is taken. */
export function zeroFill({ fd, position, length }: ZeroTask): ZeroAnswer {
  const zeros = scratchOfZeros()
  for (let done = 0; done < length; done += zeros.length) {
    const step = zeros.subarray(0, Math.min(zeros.length, length - done))
    const failure = writeWhole(fd, step, position + done)
    if (failure !== undefined) return { failure }
  }
  return { failure: undefined }
}

/** What each file looks like from outside; symlinks are not followed. */
export function fileStamps({ paths }: StampTask): StampAnswer {
  const stamps = new BigInt64Array(paths.length * STAMP_FIELDS)
  for (const [place, path] of paths.entries()) {
    try {
      stamps.set(stampOf(path), place * STAMP_FIELDS)
    } catch (error) {
      return { stamps, failure: diskFailure(error, place) }
    }
  }
  return { stamps, failure: undefined }
}

function stampOf(path: string): bigint[] {
  const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false })
  if (stats === undefined) return [BigInt(ABSENT), 0n, 0n]
  if (stats.isFile()) return [stats.size, stats.mtimeNs, stats.ino]
  return [BigInt(stats.isSymbolicLink() ? SYMLINK : NOT_REGULAR), 0n, 0n]
}

/** Read and zeroed in steps of this size: large enough to be fast, small enough to stay in the cache. */
const STEP_BYTES = 1024 * 1024

/** Reads spans in order. */
class SpanReader {
  readonly #paths: readonly string[]
  readonly #scratch = scratchForReading()
  readonly #file = new OpenedFile()
  /** The place of the path last read from. */
  current = ZEROS

  constructor(paths: readonly string[]) {
    this.#paths = paths
  }

  /** Feeds a span to the consumer in steps. False when the file is absent or ends too early. */
  read(spans: readonly number[], at: number, consume: (bytes: Uint8Array) => void): boolean {
    const path = spans[at]!
    let position = spans[at + 1]!
    const end = position + spans[at + 2]!
    const fd = path === ZEROS ? ZEROS : this.#open(path)
    while (position < end && fd !== undefined) {
      const count = Math.min(STEP_BYTES, end - position)
      const filled = fd === ZEROS ? count : readSync(fd, this.#scratch, 0, count, position)
      if (filled === 0) return false
      consume((fd === ZEROS ? scratchOfZeros() : this.#scratch).subarray(0, filled))
      position += filled
    }
    return fd !== undefined
  }

  close(): void {
    this.#file.close()
  }

  #open(path: number): number | undefined {
    this.current = path
    return this.#file.open(this.#paths[path]!)
  }
}

/** Writes spans; neighbours that follow each other both in the buffer and in the file go in one call. */
function writeMerged(buffer: ArrayBuffer, spans: readonly number[]): DiskFailure | undefined {
  for (let at = 0; at < spans.length; ) {
    const fd = spans[at]!
    const position = spans[at + 1]!
    const offset = spans[at + 2]!
    let length = 0
    do {
      length += spans[at + 3]!
      at += WRITE_FIELDS
    } while (spans[at] === fd && spans[at + 1] === position + length && spans[at + 2] === offset + length)
    const failure = writeWhole(fd, new Uint8Array(buffer, offset, length), position)
    if (failure !== undefined) return failure
  }
  return undefined
}

/** A disk that fills up first writes less than it was asked to, without an error: hence the loop. */
function writeWhole(fd: number, bytes: Uint8Array, position: number): DiskFailure | undefined {
  try {
    for (let done = 0; done < bytes.length; ) {
      const written = writeSync(fd, bytes, done, bytes.length - done, position + done)
      if (written === 0) return { code: 'ENOSPC', message: 'the disk takes no more', subject: fd }
      done += written
    }
    return undefined
  } catch (error) {
    return diskFailure(error, fd)
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}

/** In hex, the cheapest form to get a hash in and to compare. */
function sha1At(hashes: Buffer, ordinal: number): string {
  return hashes.toString('hex', ordinal * SHA1_BYTES, (ordinal + 1) * SHA1_BYTES)
}

let readScratch: Uint8Array | undefined
let zeroScratch: Uint8Array | undefined

function scratchForReading(): Uint8Array {
  readScratch ??= new Uint8Array(STEP_BYTES)
  return readScratch
}

/** Never written to. */
function scratchOfZeros(): Uint8Array {
  zeroScratch ??= new Uint8Array(STEP_BYTES)
  return zeroScratch
}
