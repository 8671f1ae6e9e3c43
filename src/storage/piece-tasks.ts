/**
 * What crosses the thread border, both ways: plain values only. A buffer in a task has been moved to the
 * worker and the answer moves it back; in between nobody else holds it.
 *
 * Pieces and spans travel as flat runs of numbers: with 64 small pieces in a task, arrays of objects cost the
 * event loop twice as much as everything else about the task. A disk's refusal is a value in the answer,
 * because an error that crosses threads loses its code.
 */

export type Verdict = 'stored' | 'corrupt'

/** Bytes of a SHA-1. */
export const SHA1_BYTES = 20

/** Numbers per span that is written: descriptor, position in the file, offset in the buffer, length. */
export const WRITE_FIELDS = 4

/**
 * Numbers per span that is read: place of its path in `paths` (or {@link ZEROS}), position in the file,
 * length.
 */
export const READ_FIELDS = 3

/** Stands for a file in a span of zeros that is not on disk: padding (BEP 47). */
export const ZEROS = -1

/** Numbers per piece in a buffer: offset in the buffer, length, how many of the spans are its own. */
export const PIECE_FIELDS = 3

/** Why the disk refused. */
export interface DiskFailure {
  /** The errno's name. */
  readonly code: string
  readonly message: string
  /** The descriptor concerned or, in tasks that name paths, the place of the path. */
  readonly subject: number
}

/** Hash the pieces in the buffer, write those that are right. */
export interface StoreTask {
  readonly buffer: ArrayBuffer
  /** What the SHA-1 of each piece must be, one after another. */
  readonly hashes: Uint8Array
  /** {@link PIECE_FIELDS} a piece. */
  readonly pieces: readonly number[]
  /** {@link WRITE_FIELDS} a span, in the order of the pieces. */
  readonly spans: readonly number[]
}

export interface StoreAnswer {
  readonly buffer: ArrayBuffer
  /** The places of those that were not right: almost always none. */
  readonly corrupt: readonly number[]
  readonly failure: DiskFailure | undefined
}

/** Write parts of the buffer without looking at them. */
export interface WriteTask {
  readonly buffer: ArrayBuffer
  /** {@link WRITE_FIELDS} a span. */
  readonly spans: readonly number[]
}

export interface WriteAnswer {
  readonly buffer: ArrayBuffer
  readonly failure: DiskFailure | undefined
}

/** Read pieces from disk and hash them. The folders on the way to each path have been found safe. */
export interface HashTask {
  readonly paths: readonly string[]
  /** What the SHA-1 of each piece must be, one after another. */
  readonly hashes: Uint8Array
  /** How many of the spans belong to each piece. */
  readonly spanCounts: readonly number[]
  /** {@link READ_FIELDS} a span, in the order of the pieces. */
  readonly spans: readonly number[]
}

export interface HashAnswer {
  /** The places of those that were not right; a file that is absent or too short makes its pieces corrupt. */
  readonly corrupt: readonly number[]
  readonly failure: DiskFailure | undefined
}

/** Write zeros over a part of a file: Node has no fallocate. */
export interface ZeroTask {
  readonly fd: number
  /** In the file, in bytes. */
  readonly position: number
  readonly length: number
}

export interface ZeroAnswer {
  readonly failure: DiskFailure | undefined
}

/** In the place of a size: there is nothing at the path. */
export const ABSENT = -1

/** In the place of a size: a symlink is at the path. */
export const SYMLINK = -2

/** In the place of a size: something else that is not a regular file is at the path. */
export const NOT_REGULAR = -3

/** Ask the size of many files. */
export interface SizeTask {
  readonly paths: readonly string[]
}

export interface SizeAnswer {
  /** In bytes, or {@link ABSENT}, {@link SYMLINK} or {@link NOT_REGULAR}; in the order asked. */
  readonly sizes: readonly number[]
  readonly failure: DiskFailure | undefined
}

/** Every task of the piece worker by the name of its export. */
export interface PieceTasks {
  storePieces: { readonly task: StoreTask; readonly answer: StoreAnswer }
  writeSpans: { readonly task: WriteTask; readonly answer: WriteAnswer }
  hashPieces: { readonly task: HashTask; readonly answer: HashAnswer }
  zeroFill: { readonly task: ZeroTask; readonly answer: ZeroAnswer }
  fileSizes: { readonly task: SizeTask; readonly answer: SizeAnswer }
}
