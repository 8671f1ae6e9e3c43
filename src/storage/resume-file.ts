/**
 * The file beside a torrent's data in which something of it is remembered for the next run. It is replaced
 * whole or not at all: a temporary is written and made durable, takes the name, and then the name is made
 * durable. What is found there may be anything; reading follows no symlink, waits for no FIFO and takes no
 * more bytes than allowed.
 */
import { constants } from 'node:fs'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { storageError } from './disk-errors.js'
import { type OutputFolder, openRegular } from './output-folder.js'

export interface ResumeBytes {
  readonly bytes: Buffer
  /** When it was written or touched, by the clock of the file system, in nanoseconds since 1970. */
  readonly touchedAtNs: bigint
}

export class ResumeFile {
  readonly path: string
  readonly #folder: OutputFolder
  readonly #temporary: string

  /** `resume` holds the state, `torrent` the metadata. */
  constructor(folder: OutputFolder, infoHashHex: string, kind: 'resume' | 'torrent' = 'resume') {
    this.path = folder.pathOf([`.${infoHashHex}.${kind}`])
    this.#folder = folder
    this.#temporary = `${this.path}.tmp`
  }

  /** Undefined for everything that is not a readable file of at most so many bytes. Clears what a crash left. */
  async read(maxBytes: number): Promise<ResumeBytes | undefined> {
    await rm(this.#temporary, { force: true }).catch(() => {})
    try {
      return await readCapped(this.path, maxBytes)
    } catch {
      return undefined
    }
  }

  /**
   * Replaces it.
   *
   * @param compose gets the time at which the save began, by the clock of the file system, in nanoseconds
   */
  async replace(compose: (savedAtNs: bigint) => Promise<Uint8Array>): Promise<void> {
    try {
      await rm(this.#temporary, { force: true })
      await writeNew(this.#temporary, compose)
      await rename(this.#temporary, this.path)
      await syncFolder(this.#folder.path)
    } catch (error) {
      await rm(this.#temporary, { force: true }).catch(() => {})
      throw storageError(error, this.path)
    }
  }

  /**
   * Gives it the time of now, by the clock that the data files get their times from. A failure is none: the
   * record is then believed less.
   */
  async touch(): Promise<void> {
    try {
      const handle = await openRegular(this.path, constants.O_RDWR)
      await rewriteFirstByte(handle).finally(() => handle.close())
    } catch {
      // Nothing hangs on it.
    }
  }

  /** Removes it, if it is there. */
  async remove(): Promise<void> {
    await rm(this.#temporary, { force: true }).catch(() => {})
    try {
      await rm(this.path, { force: true })
    } catch (error) {
      throw storageError(error, this.path)
    }
  }
}

async function readCapped(path: string, maxBytes: number): Promise<ResumeBytes | undefined> {
  const handle = await openRegular(path, constants.O_RDONLY)
  try {
    const { size, mtimeNs } = await handle.stat({ bigint: true })
    if (size > maxBytes) return undefined
    const bytes = Buffer.alloc(Number(size))
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0)
    return bytesRead === bytes.length ? { bytes, touchedAtNs: mtimeNs } : undefined
  } finally {
    await handle.close()
  }
}

async function writeNew(path: string, compose: (savedAtNs: bigint) => Promise<Uint8Array>): Promise<void> {
  const { O_WRONLY, O_CREAT, O_EXCL } = constants
  const handle = await openRegular(path, O_WRONLY | O_CREAT | O_EXCL)
  try {
    const { mtimeNs } = await handle.stat({ bigint: true })
    await handle.writeFile(await compose(mtimeNs))
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** As far as the system lets folders be synced. */
async function syncFolder(path: string): Promise<void> {
  try {
    const handle = await open(path, constants.O_RDONLY)
    await handle.sync().finally(() => handle.close())
  } catch (error) {
    if (!UNSYNCABLE.has((error as NodeJS.ErrnoException).code)) throw error
  }
}

const UNSYNCABLE = new Set<string | undefined>(['EISDIR', 'EPERM', 'EACCES', 'EINVAL', 'ENOTSUP'])

async function rewriteFirstByte(handle: FileHandle): Promise<void> {
  const byte = Buffer.alloc(1)
  const { bytesRead } = await handle.read(byte, 0, 1, 0)
  if (bytesRead === 1) await handle.write(byte, 0, 1, 0)
}
