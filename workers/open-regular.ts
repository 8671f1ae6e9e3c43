import { closeSync, constants, fstatSync, openSync } from 'node:fs'

/** Opens files to read them one after another. The last one stays open: the next span is often its own. */
export class OpenedFile {
  #path: string | undefined
  #fd: number | undefined

  /** As {@link openRegular}. */
  open(path: string): number | undefined {
    if (path === this.#path) return this.#fd
    this.close()
    this.#fd = openRegular(path)
    this.#path = path
    return this.#fd
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd)
    this.#fd = undefined
    this.#path = undefined
  }
}

/**
 * A descriptor, to read from unless told otherwise; undefined when there is nothing. Never follows a symlink,
 * never waits for the other end of a FIFO.
 */
export function openRegular(path: string, access: number = constants.O_RDONLY): number | undefined {
  try {
    const fd = openSync(path, access | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0))
    if (fstatSync(fd).isFile()) return fd
    closeSync(fd)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  throw Object.assign(new Error('is not a regular file'), { code: 'EISDIR' })
}
