import { createHash, hash } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { type DigestAnswer, type DigestTask, ENDED_EARLY, READ_FIELDS } from '../src/storage/piece-tasks.js'
import { diskFailure } from './answers.js'

/** Reads a stretch of files, in bounded steps, and answers the hash of each piece. */
export function digestPieces({ paths, spans, pieceLength }: DigestTask): DigestAnswer {
  const pieces = new PieceHasher(pieceLength)
  let at = 0
  try {
    for (; at < spans.length; at += READ_FIELDS) {
      readSpan(paths[spans[at]!]!, { position: spans[at + 1]!, length: spans[at + 2]! }, pieces)
    }
    return { hashes: pieces.end(), failure: undefined }
  } catch (error) {
    return { hashes: new Uint8Array(0), failure: diskFailure(error, spans[at]!) }
  }
}

interface FilePart {
  readonly position: number
  readonly length: number
}

function readSpan(path: string, { position, length }: FilePart, pieces: PieceHasher): void {
  scratch ??= new Uint8Array(STEP_BYTES)
  const fd = openFollowing(path)
  try {
    for (let done = 0; done < length; ) {
      const count = readSync(fd, scratch, 0, Math.min(STEP_BYTES, length - done), position + done)
      if (count === 0)
        throw Object.assign(new Error('the file is shorter than it was'), { code: ENDED_EARLY })
      pieces.update(scratch.subarray(0, count))
      done += count
    }
  } finally {
    closeSync(fd)
  }
}

/** Large enough that a read costs little beside its hashing, small enough to stay in the cache. */
const STEP_BYTES = 1024 * 1024
let scratch: Uint8Array | undefined

/** What is shared may be reached through symlinks. Never waits for the other end of a FIFO. */
function openFollowing(path: string): number {
  const fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  if (fstatSync(fd).isFile()) return fd
  closeSync(fd)
  throw Object.assign(new Error('is not a regular file'), { code: 'EISDIR' })
}

/** Cuts what comes in into pieces. A piece that comes in whole takes the short way. */
class PieceHasher {
  readonly #pieceLength: number
  readonly #hashes: Buffer[] = []
  /** Of the piece that has begun. */
  #sha1 = createHash('sha1')
  #filled = 0

  constructor(pieceLength: number) {
    this.#pieceLength = pieceLength
  }

  update(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.subarray(at, at + this.#pieceLength - this.#filled)
      if (part.length === this.#pieceLength) this.#hashes.push(hash('sha1', part, 'buffer'))
      else this.#append(part)
      at += part.length
    }
  }

  /** The hashes of all pieces, the last of which may be shorter. */
  end(): Uint8Array {
    if (this.#filled > 0) this.#hashes.push(this.#sha1.digest())
    return Buffer.concat(this.#hashes)
  }

  #append(part: Uint8Array): void {
    this.#sha1.update(part)
    this.#filled += part.length
    if (this.#filled < this.#pieceLength) return
    this.#hashes.push(this.#sha1.digest())
    this.#sha1 = createHash('sha1')
    this.#filled = 0
  }
}
