/**
 * What is known of a file without reading it: if it is the same later, so are its contents, as far as anybody
 * can tell.
 */
import { ABSENT } from './piece-tasks.js'

export interface FileStamp {
  /** In bytes; ABSENT when there is no file. */
  readonly size: number
  /** Last written, in nanoseconds since 1970, by the clock of the file system. */
  readonly mtimeNs: bigint
  /** Which file of its file system it is, as a signed number of 64 bits. */
  readonly inode: bigint
}

export const ABSENT_STAMP: FileStamp = { size: ABSENT, mtimeNs: 0n, inode: 0n }

/** Nobody has written to the file. It may have been moved: that keeps the time, but not the inode. */
export function isUntouched(before: FileStamp, now: FileStamp): boolean {
  return before.size === now.size && before.mtimeNs === now.mtimeNs
}

/** What one file may become when bytes are added, but not what another in its place would be. */
export function mayHaveGrown(before: FileStamp, now: FileStamp): boolean {
  if (before.size === ABSENT) return now.size >= ABSENT
  return now.size >= before.size && now.inode === before.inode
}
