/**
 * Writes a small file whole or not at all: the bytes go to a temporary beside it, are made durable, and then
 * take the name.
 */
import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { copyFile, link, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { storageError } from './disk-errors.js'

export interface WriteNewFileOptions {
  /** Replace what is there. */
  readonly overwrite: boolean
}

/** False when something is there already that must not be overwritten. Throws `StorageError`. */
export async function writeNewFile(
  path: string,
  bytes: Uint8Array,
  { overwrite }: WriteNewFileOptions,
): Promise<boolean> {
  // Not the name and a suffix: the name may be as long as names can be.
  const temporary = join(dirname(path), `.swarmfetch-${randomBytes(8).toString('hex')}.tmp`)
  try {
    await writeDurably(temporary, bytes)
    if (overwrite) await rename(temporary, path)
    else return await takeFreeName(temporary, path)
    return true
  } catch (error) {
    throw storageError(error, path)
  } finally {
    await rm(temporary, { force: true })
  }
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(path, 'wx')
  try {
    await handle.writeFile(bytes)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** A link never overwrites. Some file systems have none; a copy is the next best there. */
async function takeFreeName(temporary: string, path: string): Promise<boolean> {
  try {
    await link(temporary, path).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') throw error
      await copyFile(temporary, path, constants.COPYFILE_EXCL)
    })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}
