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
  /** Looks at these pieces alone. */
  readonly only?: Bitfield
  /** Called now and then, and at the end, with equal numbers unless there was nothing to check. */
  readonly onProgress?: (checkedBytes: number, bytesToCheck: number) => void
  /** Stops the check: the promise rejects with the signal's reason once the tasks in flight are done. */
  readonly signal?: AbortSignal
}

/** What a torrent remembers from one run to the next. */
export interface ResumeState {
  /** Verified pieces that are on disk. Copied at once: it may change afterwards. */
  readonly have: Bitfield
  /** Payload bytes of all runs so far. */
  readonly uploadedBytes: number
  readonly downloadedBytes: number
  /**
   * The torrent stops here and nothing is being written any more: then the next run takes each file that it
   * finds untouched at its word, and each other one for changed by somebody else.
   */
  readonly isClean: boolean
}

/** What is left of a remembered state after a look at the files. */
export interface ResumedState {
  /** Pieces to trust without reading them. */
  readonly have: Bitfield
  /** Pieces of files that changed meanwhile or were not selected before: `verifyExisting({ only: toCheck })`. */
  readonly toCheck: Bitfield
  /** Payload bytes of all runs before this one. */
  readonly uploadedBytes: number
  readonly downloadedBytes: number
}

export interface ReadImages {
  /** Those that were taken, in that order. */
  readonly images: readonly ArrayBuffer[]
  /**
   * `missing`: a file is no longer there or has become shorter. Nothing in the images may be sent; the pieces
   * are not to be offered any more before they were looked at again (`verifyPiece`).
   */
  readonly outcome: 'read' | 'missing'
}

export interface PieceStore {
  /** Pieces that were handed in, are right, and wait for others that have not been handed in yet. */
  readonly waitingCount: number

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
   * Whether a stored piece can be read back for as long as the torrent lives, and so be offered to peers.
   * False at the edge of the selection: bytes of such a piece belong to files that were not selected, and
   * those bytes are let go by `finish()`. False for all when they go down a stream.
   */
  canRead(index: PieceIndex): boolean

  /**
   * Reads blocks, by their numbers in the torrent, into images of what goes over the wire: `piece` messages one
   * after another in the order given, in one task of the pool: socket.write() of a part of an image is all
   * that is left to do. The layout is told in piece-tasks.ts. At most {@link BLOCKS_PER_READ} blocks, each of
   * them of a stored piece that `canRead`. Files are opened to read only, never made.
   *
   * Each image holds {@link BLOCKS_PER_IMAGE} blocks and the last may stay partly unused. They come from
   * {@link makeImage} and are taken only when a thread has room for the task, so that whoever waits for one
   * holds no memory; they are detached until the answer brings them back, and are to be used again and again.
   */
  readBlocks(
    blocks: readonly number[],
    takeImages: (count: number) => readonly ArrayBuffer[],
  ): Promise<ReadImages>

  /**
   * What an earlier run remembered, held against the files as they are now; undefined when there is nothing
   * that can be trusted: then everything is to be checked. Reads no data, only the sizes and times of the
   * files. Trouble with the disk is no reason to reject.
   */
  loadResume(): Promise<ResumedState | undefined>

  /**
   * Makes what was written durable, then remembers the state beside the data. To be called every
   * RESUME_SAVE_MS (resume-save-ms.ts) while pieces come in, and at the end, before `close()`. One save runs at
   * a time; of those asked for meanwhile only the last is made, and all of them wait for it. Rejects with
   * `StorageError` when the folder is absent or cannot be written to.
   */
  saveResume(state: ResumeState): Promise<void>

  /** Forgets what was remembered. Also after `close()`. */
  removeResume(): Promise<void>

  /**
   * To be called once all selected pieces are stored: gives every file its final form and makes it durable,
   * which on a slow disk takes as long as the disk takes to catch up. Changes nothing when all that was done
   * before.
   */
  finish(): Promise<void>

  /** Nothing more is handed in: what waits for other pieces, or for a reader, rejects with `OptionError` CLOSED. */
  giveUp(): void

  /** Waits for what is in flight and lets go of everything. May be called at any time and more than once. */
  close(): Promise<void>
}
