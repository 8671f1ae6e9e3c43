/**
 * What crosses the thread border, both ways: plain values only. A buffer in a task has been moved to the
 * worker and the answer moves it back; in between nobody else holds it.
 *
 * Pieces and spans travel as flat runs of numbers: with 64 small pieces in a task, arrays of objects cost the
 * event loop twice as much as everything else about the task. A disk's refusal is a value in the answer,
 * because an error that crosses threads loses its code.
 */
import { BLOCK_BYTES } from '../core/geometry.js'
import { MESSAGE_ID } from '../wire/messages.js'

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

/**
 * An image is what goes over the wire: `piece` messages one after another. Each is a header of
 * 13 bytes (4 of length, which counts what follows them; the id; 4 of piece index; 4 of begin, all big-endian)
 * and then a block. The n-th message of an image begins at n * {@link MESSAGE_BYTES}, whatever it is. All blocks
 * but the last of a piece are 16 KiB long, so that any run of messages in it can be sent with one write, unless
 * there is a shorter one before its end.
 */
export const BLOCK_HEADER_BYTES = 13
export const BLOCK_MESSAGE_ID = MESSAGE_ID.block
export const MESSAGE_BYTES = BLOCK_HEADER_BYTES + BLOCK_BYTES

/** 256 KiB of blocks: as much as a socket takes at once, and little enough to stay in the cache. */
export const BLOCKS_PER_IMAGE = 16
export const IMAGE_BYTES = BLOCKS_PER_IMAGE * MESSAGE_BYTES

/** One task reads up to 1 MiB: long against the way to the worker and back. */
export const IMAGES_PER_READ = 4
export const BLOCKS_PER_READ = IMAGES_PER_READ * BLOCKS_PER_IMAGE

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

/**
 * Numbers per file that is looked at: its size in bytes, or {@link ABSENT}, {@link SYMLINK} or
 * {@link NOT_REGULAR}; when it was last written, in nanoseconds since 1970; its inode.
 */
export const STAMP_FIELDS = 3

/** Look at many files without opening them. */
export interface StampTask {
  readonly paths: readonly string[]
}

export interface StampAnswer {
  /** {@link STAMP_FIELDS} a path, in the order asked. */
  readonly stamps: BigInt64Array
  readonly failure: DiskFailure | undefined
}

/** Numbers per run of blocks: the piece, where in it the first block begins, length of all; in bytes. */
export const RUN_FIELDS = 3

/** Read blocks into images, in order. The folders on the way have been found safe. */
export interface ReadTask {
  /** As many as the blocks need; a full one before the next is begun. */
  readonly buffers: readonly ArrayBuffer[]
  /** For the headers: {@link RUN_FIELDS} for each run of blocks that follow each other in one piece. */
  readonly runs: readonly number[]
  readonly paths: readonly string[]
  /** {@link READ_FIELDS} a span, in order; together they are as long as all runs. */
  readonly spans: readonly number[]
}

export interface ReadAnswer {
  readonly buffers: readonly ArrayBuffer[]
  /** A file is absent or too short: the images are not filled. */
  readonly isMissing: boolean
  readonly failure: DiskFailure | undefined
}

/** Make what was written to files durable. */
export interface SyncTask {
  readonly paths: readonly string[]
}

export interface SyncAnswer {
  readonly failure: DiskFailure | undefined
  /** It was the disk that refused, and not the file that could not be opened. */
  readonly isLost: boolean
}

/** Read a stretch of files, symlinks followed, and hash it piece by piece. */
export interface DigestTask {
  readonly paths: readonly string[]
  /** {@link READ_FIELDS} a span, in order, none of them {@link ZEROS}. The first begins with a piece. */
  readonly spans: readonly number[]
  /** In bytes. */
  readonly pieceLength: number
}

/** In the place of an errno: a file is shorter than the spans say. */
export const ENDED_EARLY = 'ENDED_EARLY'

export interface DigestAnswer {
  /** SHA-1 of each piece, one after another; empty when there is a failure. */
  readonly hashes: Uint8Array
  readonly failure: DiskFailure | undefined
}

/** Look at all that is in a folder, symlinks followed. */
export interface ListTask {
  readonly path: string
}

export interface ListAnswer {
  /** The same for every path that leads to this folder. */
  readonly identity: string
  readonly entries: readonly FolderEntry[]
  readonly failure: DiskFailure | undefined
}

export interface FolderEntry {
  readonly name: string
  /** False when the name is not UTF-8: `name` then only shows what it is like. */
  readonly isText: boolean
  readonly kind: 'file' | 'folder' | 'other'
  /** In bytes. */
  readonly length: number
  /** When it was last written, in milliseconds since 1970. */
  readonly modifiedMs: number
  /** Why it cannot be read. */
  readonly failure: DiskFailure | undefined
}

/** Every task of the piece worker by the name of its export. */
export interface PieceTasks {
  storePieces: { readonly task: StoreTask; readonly answer: StoreAnswer }
  writeSpans: { readonly task: WriteTask; readonly answer: WriteAnswer }
  readBlocks: { readonly task: ReadTask; readonly answer: ReadAnswer }
  hashPieces: { readonly task: HashTask; readonly answer: HashAnswer }
  zeroFill: { readonly task: ZeroTask; readonly answer: ZeroAnswer }
  fileStamps: { readonly task: StampTask; readonly answer: StampAnswer }
  syncFiles: { readonly task: SyncTask; readonly answer: SyncAnswer }
  digestPieces: { readonly task: DigestTask; readonly answer: DigestAnswer }
  listFolder: { readonly task: ListTask; readonly answer: ListAnswer }
}
