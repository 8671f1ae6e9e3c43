/** Takes the disk space of all selected files before the download (`--allocate full`). */
import { storageError } from './disk-errors.js'
import type { FileMap } from './file-map.js'
import { fileStamps } from './file-stamps.js'
import type { HandleCache } from './handle-cache.js'
import type { OutputFile } from './output-file.js'
import type { PiecePool } from './piece-pool.js'

/** What is still to be filled of one file, in bytes. */
interface Tail {
  readonly file: OutputFile
  readonly from: number
  readonly to: number
}

/**
 * Fills the missing tail of every selected file with zeros, in steps; what is there stays.
 *
 * @param throwIfStopped called between steps
 */
export async function allocateFully(
  { map, pool, handles }: { map: FileMap; pool: PiecePool; handles: HandleCache },
  throwIfStopped: () => void,
  onProgress: (allocatedBytes: number, bytesToAllocate: number) => void = () => {},
): Promise<void> {
  const tails = await missingTails(map, pool)
  const bytesToAllocate = tails.reduce((sum, { from, to }) => sum + to - from, 0)
  let allocatedBytes = 0
  for (const { file, from, to } of tails) {
    for (let position = from; position < to; position += STEP_BYTES) {
      throwIfStopped()
      const length = Math.min(STEP_BYTES, to - position)
      await fill(file, { position, length }, { pool, handles })
      allocatedBytes += length
      onProgress(allocatedBytes, bytesToAllocate)
    }
  }
}

/** Long enough to be fast, short enough for whoever waits to stop. */
const STEP_BYTES = 32 * 1024 * 1024

async function missingTails(map: FileMap, pool: PiecePool): Promise<Tail[]> {
  const files = map.selected.map((fileIndex) => map.file(fileIndex))
  const stamps = await fileStamps(pool, files)
  return map.selected.flatMap((fileIndex, place) => {
    const from = Math.max(0, stamps[place]!.size)
    const to = map.metainfo.files[fileIndex]!.length
    return from < to ? [{ file: files[place]!, from, to }] : []
  })
}

async function fill(
  file: OutputFile,
  stretch: { readonly position: number; readonly length: number },
  { pool, handles }: { readonly pool: PiecePool; readonly handles: HandleCache },
): Promise<void> {
  const lease = await handles.lease([file])
  try {
    file.noteWriting()
    const { failure } = await pool.run('zeroFill', { fd: lease.handles[0]!.fd, ...stretch })
    if (failure !== undefined) throw storageError(failure, file.path)
  } finally {
    file.noteWriting()
    lease.release()
  }
}
