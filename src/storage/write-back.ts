/**
 * Has the disk begin with what is written to large files while more comes in. The system by itself collects gigabytes
 * first, and whoever waits for durable files at the end waits for all of that.
 *
 * Nobody waits for it but `settled()`. What the disk refuses is kept for whoever writes to the file or makes it
 * durable.
 */
import { syncHandle, withHandle } from './durability.js'
import type { HandleCache } from './handle-cache.js'
import type { OutputFile } from './output-file.js'

/** What is begun with at a time: enough for the system to sort, and little to wait for at the end. */
const BATCH_BYTES = 64 * 1024 * 1024

export class WriteBack {
  readonly #handles: HandleCache
  /** Written since it was last begun with. */
  readonly #waitingBytes = new WeakMap<OutputFile, number>()
  /** One file at a time. */
  #running: Promise<void> | undefined

  constructor(handles: HandleCache) {
    this.#handles = handles
  }

  /** So much more was written to the file. */
  noteWritten(file: OutputFile, bytes: number): void {
    const waitingBytes = (this.#waitingBytes.get(file) ?? 0) + bytes
    const isDue = waitingBytes >= BATCH_BYTES && this.#running === undefined
    this.#waitingBytes.set(file, isDue ? 0 : waitingBytes)
    if (isDue) this.#running = this.#begin(file)
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    await this.#running
  }

  async #begin(file: OutputFile): Promise<void> {
    // When it was closed or cannot be opened, who writes to it is told.
    await withHandle(file, this.#handles, (handle) => syncHandle(file, handle)).catch(() => {})
    this.#running = undefined
  }
}
