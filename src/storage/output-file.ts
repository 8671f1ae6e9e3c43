/** One file below the output folder: how the handle cache opens it, and what happened to it. */
import type { FileHandle } from 'node:fs/promises'
import type { StorageError } from '../core/errors.js'
import { storageError } from './disk-errors.js'
import type { Openable } from './handle-cache.js'
import type { OutputFolder } from './output-folder.js'

export class OutputFile implements Openable {
  /** Absolute. */
  readonly path: string
  #wasWritten = false
  #isUnsynced = false
  #trouble: StorageError | undefined

  constructor(
    readonly folder: OutputFolder,
    readonly components: readonly string[],
  ) {
    this.path = folder.pathOf(components)
  }

  /** Something may have been written to it in this run. */
  get wasWritten(): boolean {
    return this.#wasWritten
  }

  /** Something may have been written to it since `noteSyncing`. */
  get isUnsynced(): boolean {
    return this.#isUnsynced
  }

  /** To be called before and after each write: only so it is known afterwards whether a sync has seen it. */
  noteWriting(): void {
    this.#wasWritten = true
    this.#isUnsynced = true
  }

  /** To be called before what was written is made durable. */
  noteSyncing(): void {
    this.#isUnsynced = false
  }

  /** Makes the file when absent. Rejects with `StorageError`. */
  open(): Promise<FileHandle> {
    return this.folder.openFile(this.components)
  }

  /**
   * Whether its folder is there; the file itself may still be absent. Rejects with `StorageError` when
   * unsafe.
   */
  isReachable(): Promise<boolean> {
    return this.folder.hasFolder(this.components.slice(0, -1))
  }

  /** What was written may not be there. Keeps that until somebody asks. */
  noteTrouble(error: unknown): void {
    this.#trouble ??= storageError(error, this.path)
  }

  throwIfTroubled(): void {
    if (this.#trouble !== undefined) throw this.#trouble
  }
}
