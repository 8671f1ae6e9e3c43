/**
 * Where a torrent's pieces go: what the torrent may ask of it, whether the bytes end up in files
 * ({@link TorrentStorage}) or in a stream ({@link StreamStorage}).
 *
 * Every method rejects with a `StorageError` when our own disk (or reader) fails. The torrent then stops; the
 * buffer of a call that was rejected may be gone. After `close()` every call rejects with `OptionError`
 * CLOSED.
 */
import type { Bitfield } from '../core/bitfield.js'
import type { PieceIndex } from '../core/geometry.js'
import type { Verdict } from './piece-tasks.js'

/** A whole piece in a buffer. */
export interface BufferedPiece {
  readonly index: PieceIndex
  /** Where in the buffer the piece starts, in bytes. */
  readonly offset: number
}

/** A part of a piece that is too large to be held whole. */
export interface BufferedPart {
  readonly index: PieceIndex
  /** Where in the piece the part starts, in bytes. */
  readonly begin: number
  /** Where in the buffer the part starts, in bytes. */
  readonly offset: number
  /** In bytes. */
  readonly length: number
}

/** The buffer comes back to whoever handed it in. */
export interface StoredPieces {
  readonly buffer: ArrayBuffer
  /** One for each piece, in the order asked. `stored` means: hashed, right, and written. */
  readonly verdicts: readonly Verdict[]
}

export interface VerifyOptions {
  /** Called now and then, and at the end, with equal numbers unless there was nothing to check. */
  readonly onProgress?: (checkedBytes: number, bytesToCheck: number) => void
  /** Stops the check: the promise rejects with the signal's reason once the tasks in flight are done. */
  readonly signal?: AbortSignal
}

export interface PieceStore {
  /**
   * Makes sure, before anything is downloaded, that there is a place to write to. To be awaited before the
   * first piece is stored, but after `verifyExisting()`: with `--allocate full` it fills what is missing of
   * the files with zeros, which would all be hashed, and says how far it is.
   */
  prepare(onProgress?: (allocatedBytes: number, bytesToAllocate: number) => void): Promise<void>

  /**
   * Which pieces that hold selected bytes are already there and right. Needs no `prepare()` and writes
   * nothing, so that it also serves data that may only be read. What is absent costs no reading.
   */
  verifyExisting(options?: VerifyOptions): Promise<Bitfield>

  /**
   * Hashes each piece and writes those that are right. The buffer is detached until the answer brings it
   * back.
   */
  storePieces(buffer: ArrayBuffer, pieces: readonly BufferedPiece[]): Promise<StoredPieces>

  /** Writes a part of a piece unseen; {@link verifyPiece} follows when all its parts are written. */
  writePart(buffer: ArrayBuffer, part: BufferedPart): Promise<ArrayBuffer>

  /** Reads a piece back and hashes it. */
  verifyPiece(index: PieceIndex): Promise<Verdict>

  /**
   * To be called once all selected pieces are stored: gives every file its final form and makes it durable,
   * which on a slow disk takes as long as the disk takes to catch up. Changes nothing when all that was done
   * before.
   */
  finish(): Promise<void>

  /** Waits for what is in flight and lets go of everything. May be called at any time and more than once. */
  close(): Promise<void>
}
