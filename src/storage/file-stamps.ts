/**
 * The sizes and times of files. Many are asked in the pool: a hundred thousand take a fraction of a second. Few
 * are asked here: at the start of a download, its first thread would take longer to begin than to answer.
 */
import type { BigIntStats } from 'node:fs'
import { lstat } from 'node:fs/promises'
import { StorageError } from '../core/errors.js'
import { storageError } from './disk-errors.js'
import { eachLimited } from './each-limited.js'
import { ABSENT_STAMP, type FileStamp } from './file-stamp.js'
import type { OutputFile } from './output-file.js'
import type { PiecePool } from './piece-pool.js'
import { NOT_REGULAR, STAMP_FIELDS, SYMLINK } from './piece-tasks.js'

/**
 * In the order asked, of size ABSENT for what is not there. Throws `StorageError` when something other than a
 * regular file is in the place of one.
 */
export async function fileStamps(pool: PiecePool, files: readonly OutputFile[]): Promise<FileStamp[]> {
  const stamps = new Array<FileStamp>(files.length).fill(ABSENT_STAMP)
  const starts = Array.from(
    { length: Math.ceil(files.length / FILES_PER_TASK) },
    (_, nth) => nth * FILES_PER_TASK,
  )
  await eachLimited(starts, TASKS_AT_ONCE, async (start) => {
    const there = await reachable(files, start)
    if (there.length === 0) return
    const paths = there.map((place) => files[place]!.path)
    if (paths.length <= FEW_FILES) {
      const found = await Promise.all(paths.map(stampHere))
      for (const [nth, place] of there.entries()) stamps[place] = found[nth]!
      return
    }
    const answer = await pool.run('fileStamps', { paths })
    if (answer.failure) throw storageError(answer.failure, paths[answer.failure.subject]!)
    for (const [nth, place] of there.entries()) stamps[place] = checkedStamp(answer.stamps, nth, paths[nth]!)
  })
  return stamps
}

const FEW_FILES = 16
const FILES_PER_TASK = 1024
const TASKS_AT_ONCE = 4

/** The places of those files whose folder is there. */
async function reachable(files: readonly OutputFile[], start: number): Promise<number[]> {
  const group = files.slice(start, start + FILES_PER_TASK)
  const answers = await Promise.all(group.map((file) => file.isReachable()))
  return answers.flatMap((isReachable, nth) => (isReachable ? [start + nth] : []))
}

async function stampHere(path: string): Promise<FileStamp> {
  let stats: BigIntStats
  try {
    stats = await lstat(path, { bigint: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ABSENT_STAMP
    throw storageError(error, path)
  }
  if (stats.isSymbolicLink()) throw symlinkInTheWay(path)
  if (!stats.isFile()) throw storageError({ code: 'EISDIR', message: '' }, path)
  return { size: Number(stats.size), mtimeNs: stats.mtimeNs, inode: BigInt.asIntN(64, stats.ino) }
}

function checkedStamp(stamps: BigInt64Array, nth: number, path: string): FileStamp {
  const [size, mtimeNs, inode] = stamps.subarray(nth * STAMP_FIELDS)
  if (size === BigInt(SYMLINK)) throw symlinkInTheWay(path)
  if (size === BigInt(NOT_REGULAR)) throw storageError({ code: 'EISDIR', message: '' }, path)
  return { size: Number(size), mtimeNs: mtimeNs!, inode: inode! }
}

function symlinkInTheWay(path: string): StorageError {
  return new StorageError('UNSAFE_PATH', `${path}: a symlink is in the way`, path)
}
