/**
 * Gives a complete torrent's files their final form: empty files made, files that were longer than the
 * metainfo says cut to length (only now, when all their bytes are verified), executables marked (BEP 47),
 * everything durable, the parts file gone. Files that have their form already are not opened, so that
 * complete data in a read-only place passes.
 */
import { type FileHandle, lstat } from 'node:fs/promises'
import { StorageError } from '../core/errors.js'
import { FILES_AT_ONCE, makeDurable, withHandle } from './durability.js'
import { eachLimited } from './each-limited.js'
import type { FileMap } from './file-map.js'
import { fileStamps } from './file-stamps.js'
import type { HandleCache } from './handle-cache.js'
import type { OutputFile } from './output-file.js'
import type { PiecePool } from './piece-pool.js'

/** See `PieceStore.finish`. */
export async function giveFinalForm(map: FileMap, pool: PiecePool, handles: HandleCache): Promise<void> {
  await settleLengths(map, pool, handles)
  await markExecutables(map, handles)
  await makeDurable(map.written(), { pool, handles })
  await handles.discard((file) => file === map.parts)
  await map.folder.removeFile(map.parts.components)
}

/**
 * Empty files are made here and not earlier, so that a torrent that fails at once leaves no litter of them.
 */
async function settleLengths(map: FileMap, pool: PiecePool, handles: HandleCache): Promise<void> {
  const files = map.selected.map((fileIndex) => map.file(fileIndex))
  const stamps = await fileStamps(pool, files)
  await eachLimited(map.selected.entries(), FILES_AT_ONCE, async ([place, fileIndex]) => {
    const file = files[place]!
    const { length } = map.metainfo.files[fileIndex]!
    const { size } = stamps[place]!
    if (size < length && length > 0) {
      throw new StorageError('IO_ERROR', `${file.path}: the file became shorter while in use`, file.path)
    }
    if (size !== length) await withFile(file, handles, (handle) => handle.truncate(length))
  })
}

/** As far as the file system knows modes: one that does not is no reason to fail. */
async function markExecutables(map: FileMap, handles: HandleCache): Promise<void> {
  const executables = map.selected.filter((fileIndex) => map.metainfo.files[fileIndex]!.isExecutable)
  await eachLimited(executables, FILES_AT_ONCE, async (fileIndex) => {
    const file = map.file(fileIndex)
    const mode = await lstat(file.path).then(
      (stats) => stats.mode,
      () => 0,
    )
    const marked = mode | ((mode & READ_BITS) >> 2)
    if (marked !== mode) await withFile(file, handles, (handle) => handle.chmod(marked).catch(() => {}))
  })
}

/** Whoever may read may execute. */
const READ_BITS = 0o444

async function withFile(
  file: OutputFile,
  handles: HandleCache,
  work: (handle: FileHandle) => Promise<void>,
): Promise<void> {
  await withHandle(file, handles, async (handle) => {
    file.noteWriting()
    await work(handle).finally(() => file.noteWriting())
  })
}
