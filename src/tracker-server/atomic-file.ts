/**
 * Replaces a file so that a reader, also after a crash, finds the old content or the new, never a part: the
 * new is written beside it and made durable, then takes its name, and the folder is made durable too.
 */
import { randomUUID } from 'node:crypto'
import { type FileHandle, open, rename, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'

/** What the name of every file ends with that is not complete yet. */
export const UNFINISHED_SUFFIX = '.unfinished'

/**
 * The function writes the content. Rejects with its error or the system's; the old file is untouched then.
 */
export async function replaceFile(path: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
  const unfinished = `${path}.${randomUUID().slice(0, 8)}${UNFINISHED_SUFFIX}`
  try {
    const file = await open(unfinished, 'wx')
    try {
      await write(file)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(unfinished, path)
  } catch (error) {
    await unlink(unfinished).catch(() => {})
    throw error
  }
  await syncFolder(dirname(path))
}

/** Makes names in a folder durable. Windows cannot, and does not need to. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
