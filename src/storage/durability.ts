/** Has the disk keep what was written, whatever happens to the machine. */
import type { FileHandle } from 'node:fs/promises'
import { storageError } from './disk-errors.js'
import { eachLimited } from './each-limited.js'
import type { FileMap } from './file-map.js'
import type { HandleCache } from './handle-cache.js'
import type { OutputFile } from './output-file.js'

/**
 * Makes durable what was written to selected files since the last time, and says which files that are, by their
 * place in the metainfo. Throws `StorageError`; what was not made durable is tried again next time.
 */
export async function syncWritten(map: FileMap, handles: HandleCache): Promise<number[]> {
  const unsynced = map.selected.filter((fileIndex) => map.file(fileIndex).isUnsynced)
  await eachLimited(unsynced, FILES_AT_ONCE, async (fileIndex) => {
    const file = map.file(fileIndex)
    file.noteSyncing()
    try {
      await makeDurable(file, handles)
    } catch (error) {
      file.noteWriting()
      throw error
    }
  })
  return unsynced
}

/**
 * Leaves half of the runtime's own threads, which do this work, to others: a full disk cache takes its time.
 */
export const FILES_AT_ONCE = 2

/** A disk that promised too much (NFS, delayed allocation, a thin volume) says so now. */
export async function makeDurable(file: OutputFile, handles: HandleCache): Promise<void> {
  await withHandle(file, handles, (handle) => handle.datasync())
  file.throwIfTroubled()
}

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
