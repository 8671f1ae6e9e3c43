/**
 * What crosses the thread border: plain values only. A buffer that is in a task has been moved to the worker,
 * and the answer moves it back; in between nobody else holds it.
 */

/** A part of an open file. Descriptors are process-wide, so a worker can use what the main thread opened. */
export interface SpanAt {
  readonly fd: number
  /** In the file, in bytes. */
  readonly position: number
  /** In the task's buffer, in bytes. */
  readonly offset: number
  readonly length: number
}

/** One piece that lies whole in the task's buffer. */
export interface PieceAt {
  /** In the task's buffer, in bytes. */
  readonly offset: number
  readonly length: number
  /** The 20 bytes that its SHA-1 must be. */
  readonly sha1: Uint8Array
}

export type Verdict = 'stored' | 'corrupt'

/** Why the disk refused: `code` is the errno's name, `span` the number of the span concerned. */
export interface DiskFailure {
  readonly code: string
  readonly message: string
  readonly span: number
}
