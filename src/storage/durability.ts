/** Has the disk keep what was written, whatever happens to the machine. */
import type { FileHandle } from 'node:fs/promises'
import { storageError } from './disk-errors.js'
import { eachLimited } from './each-limited.js'
import type { FileMap } from './file-map.js'
import type { HandleCache } from './handle-cache.js'
import type { OutputFile } from './output-file.js'
import { type PiecePool, SYNC_THREADS } from './piece-pool.js'

export interface SyncTools {
  readonly pool: PiecePool
  readonly handles: HandleCache
}

/**
 * Makes durable what was written to selected files since the last time, and says which files that are, by their
 * place in the metainfo. Throws `StorageError`; what could not be opened is tried again next time, and what the
 * disk has refused is lost and stays so.
 */
export async function syncWritten(map: FileMap, tools: SyncTools): Promise<number[]> {
  const unsynced = map.selected.filter((fileIndex) => map.file(fileIndex).isUnsynced)
  const files = unsynced.map((fileIndex) => map.file(fileIndex))
  for (const file of files) file.noteSyncing()
  try {
    await makeDurable(files, tools)
  } catch (error) {
    for (const file of files) file.noteWriting()
    throw error
  }
  return unsynced
}

/**
 * A disk that promised too much (NFS, delayed allocation, a thin volume) says so now. Many files go in batches to
 * threads for that: a promise for each costs more than the disk does, and the more files a file system settles at
 * once, the less each of them takes. Throws `StorageError`.
 */
export async function makeDurable(files: readonly OutputFile[], { pool, handles }: SyncTools): Promise<void> {
  if (files.length > FEW_FILES)
    await eachLimited(batchesOf(files), SYNC_THREADS, (batch) => syncBatch(batch, pool))
  else
    await eachLimited(files, FILES_AT_ONCE, (file) =>
      withHandle(file, handles, (handle) => syncHandle(file, handle)),
    )
  for (const file of files) file.throwIfTroubled()
}

/** These are likely to be open, and not worth a thread. */
const FEW_FILES = 64
const FILES_PER_BATCH = 64

function* batchesOf(files: readonly OutputFile[]): Generator<readonly OutputFile[]> {
  for (let at = 0; at < files.length; at += FILES_PER_BATCH) yield files.slice(at, at + FILES_PER_BATCH)
}

async function syncBatch(files: readonly OutputFile[], pool: PiecePool): Promise<void> {
  const { failure, isLost } = await pool.run('syncFiles', { paths: files.map((file) => file.path) })
  if (failure === undefined) return
  const file = files[failure.subject]!
  if (isLost) file.noteTrouble(failure)
  throw storageError(failure, file.path)
}

/** The file keeps what the disk refuses: the system tells of it once, and the next time all seems well. */
export async function syncHandle(file: OutputFile, handle: FileHandle): Promise<void> {
  await handle.datasync().catch((error: unknown) => file.noteTrouble(error))
}

/**
 * Leaves half of the runtime's own threads, which do this work, to others: a full disk cache takes its time.
 */
export const FILES_AT_ONCE = 2

/** Borrows the file for the work. Throws `StorageError`. */
export async function withHandle(
  file: OutputFile,
  handles: HandleCache,
  work: (handle: FileHandle) => Promise<void>,
): Promise<void> {
  const lease = await handles.lease([file])
  try {
    await work(lease.handles[0]!)
  } catch (error) {
    throw storageError(error, file.path)
  } finally {
    lease.release()
  }
}
