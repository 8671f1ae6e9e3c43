/**
 * Opens a torrent's files below its output folder, and nothing outside it.
 *
 * The output folder is the user's word: it may be a symlink and lie behind some. Below it, a folder that is a
 * symlink must lead to a place inside the output folder, and a file must not be one at all. Names come
 * cleaned from the metainfo; this guards against what is already on the disk.
 */
import { constants } from 'node:fs'
import { access, type FileHandle, lstat, mkdir, open, realpath, rm, stat } from 'node:fs/promises'
import { join, resolve, sep } from 'node:path'
import { StorageError } from '../core/errors.js'
import { isAbsent, storageError } from './disk-errors.js'

export class OutputFolder {
  /** Absolute. */
  readonly path: string
  /**
   * Folders below it that were looked at, by their path: whether they are there. A refusal is kept as well.
   */
  readonly #known = new Map<string, Promise<boolean>>()
  #real: Promise<string> | undefined

  constructor(path: string) {
    this.path = resolve(path)
  }

  /** Makes the output folder unless it is there. Throws `StorageError` when nothing can be written to it. */
  async prepare(): Promise<void> {
    try {
      await mkdir(this.path, { recursive: true })
      await access(this.path, constants.W_OK | constants.X_OK)
    } catch (error) {
      throw storageError(error, this.path)
    }
  }

  /** Absolute path of something below the output folder, by its components. */
  pathOf(components: readonly string[]): string {
    return join(this.path, ...components)
  }

  /** Folders may have come and gone: each is looked at afresh. */
  forgetFolders(): void {
    this.#known.clear()
  }

  /** True when the folder is there, and safe to look into. Throws `StorageError` when it is not safe. */
  hasFolder(components: readonly string[]): Promise<boolean> {
    const path = this.pathOf(components)
    let known = this.#known.get(path)
    if (known === undefined) {
      known = this.#inspect(components, path)
      this.#known.set(path, known)
    }
    return known
  }

  /** Opens a file to read and write it; makes it, and the folders on the way, when absent. */
  async openFile(components: readonly string[]): Promise<FileHandle> {
    const path = this.pathOf(components)
    await this.#makeFolder(components.slice(0, -1))
    try {
      return await openRegular(path, constants.O_RDWR | constants.O_CREAT)
    } catch (error) {
      throw storageError(error, path)
    }
  }

  /** Removes a file if it is there. */
  async removeFile(components: readonly string[]): Promise<void> {
    const path = this.pathOf(components)
    if (!(await this.hasFolder(components.slice(0, -1)))) return
    try {
      await rm(path, { force: true })
    } catch (error) {
      throw storageError(error, path)
    }
  }

  async #makeFolder(components: readonly string[]): Promise<void> {
    if (await this.hasFolder(components)) return
    const path = this.pathOf(components)
    if (components.length > 0) await this.#makeFolder(components.slice(0, -1))
    try {
      await mkdir(path, { recursive: components.length === 0 })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw storageError(error, path)
    }
    // Somebody else may have made it just now: what is there is looked at in any case.
    const known = this.#inspect(components, path)
    this.#known.set(path, known)
    if (!(await known)) throw storageError(new Error('the folder vanished'), path)
  }

  async #inspect(components: readonly string[], path: string): Promise<boolean> {
    if (components.length > 0 && !(await this.hasFolder(components.slice(0, -1)))) return false
    try {
      const link = components.length > 0 && (await lstat(path)).isSymbolicLink()
      if (link) await this.#refuseEscape(path)
      if ((await stat(path)).isDirectory()) return true
    } catch (error) {
      if (isAbsent(error)) return false
      throw storageError(error, path)
    }
    throw new StorageError('NOT_A_FILE', `${path}: something other than a folder is in the way`, path)
  }

  async #refuseEscape(path: string): Promise<void> {
    this.#real ??= realpath(this.path)
    const [base, target] = await Promise.all([this.#real, realpath(path).catch(() => '')])
    const inside = base.endsWith(sep) ? base : base + sep
    if (target.startsWith(inside) || target === base) return
    throw new StorageError('UNSAFE_PATH', `${path}: a symlink leads out of the output folder`, path)
  }
}

/** Never follows a symlink and never waits for the other end of a FIFO. */
export async function openRegular(path: string, flags: number): Promise<FileHandle> {
  const { O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants
  const handle = await open(path, flags | O_NOFOLLOW | O_NONBLOCK, 0o666)
  try {
    if ((await handle.stat()).isFile()) return handle
  } catch (error) {
    await handle.close()
    throw error
  }
  await handle.close()
  throw new StorageError('NOT_A_FILE', `${path}: something other than a regular file is in the way`, path)
}
