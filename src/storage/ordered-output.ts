/**
 * Hands pieces to a stream in their order, whatever the order they come in. Nothing is copied or buffered
 * here: the bytes of a piece stay with whoever handed them in until the stream has taken them.
 */
import type { Writable } from 'node:stream'
import { OptionError, StorageError } from '../core/errors.js'
import { storageError } from './disk-errors.js'

interface Held {
  readonly bytes: Uint8Array
  readonly taken: Promise<void>
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

export class OrderedOutput {
  readonly #output: Writable
  readonly #held = new Map<number, Held>()
  /** The piece whose turn it is. */
  #next: number
  #isWriting = false
  #trouble: Error | undefined

  constructor(output: Writable, firstPiece: number) {
    this.#output = output
    this.#next = firstPiece
    output.on('error', this.#onError)
    output.on('close', this.#onClose)
  }

  /** Resolves once the stream has taken the bytes: then they may change. Rejects with `StorageError`. */
  hand(piece: number, bytes: Uint8Array): Promise<void> {
    if (this.#trouble !== undefined) return Promise.reject(this.#trouble)
    if (piece < this.#next) return Promise.resolve()
    let held = this.#held.get(piece)
    if (held === undefined) {
      held = holdBack(bytes)
      this.#held.set(piece, held)
    }
    this.#writeNext()
    return held.taken
  }

  /** Pieces that cannot go out before another comes. */
  get waitingCount(): number {
    return this.#isWriting ? 0 : this.#held.size
  }

  throwIfTroubled(): void {
    if (this.#trouble !== undefined) throw this.#trouble
    if (this.#output.destroyed) throw readerWentAway()
  }

  /** Gives up what still waits for its turn. The stream itself stays open. */
  close(): void {
    // After an error, or while it writes, the stream may still have to say so, and nobody else may be listening.
    if (this.#trouble === undefined && !this.#isWriting) this.#output.off('error', this.#onError)
    this.#output.off('close', this.#onClose)
    this.#fail(new OptionError('CLOSED', 'the storage is closed'))
  }

  #writeNext(): void {
    const held = this.#held.get(this.#next)
    if (held === undefined || this.#isWriting) return
    this.#isWriting = true
    this.#output.write(held.bytes, (error) => {
      this.#isWriting = false
      if (error) return this.#onError(error)
      if (this.#trouble !== undefined) return void this.#output.off('error', this.#onError)
      this.#held.delete(this.#next)
      this.#next++
      held.resolve()
      this.#writeNext()
    })
  }

  readonly #onError = (error: Error): void => {
    const { code } = error as NodeJS.ErrnoException
    const isGone = code === 'EPIPE' || code === 'ECONNRESET' || code?.startsWith('ERR_STREAM_') === true
    this.#fail(isGone ? readerWentAway(error) : storageError(error, STREAM_PATH))
  }

  readonly #onClose = (): void => this.#fail(readerWentAway())

  #fail(trouble: Error): void {
    this.#trouble ??= trouble
    for (const held of this.#held.values()) held.reject(this.#trouble)
    this.#held.clear()
  }
}

/** What errors give as the path. */
const STREAM_PATH = 'output'

function holdBack(bytes: Uint8Array): Held {
  let resolve!: () => void
  let reject!: (error: Error) => void
  const taken = new Promise<void>((onTaken, onFailed) => {
    resolve = onTaken
    reject = onFailed
  })
  return { bytes, taken, resolve, reject }
}

function readerWentAway(cause?: Error): StorageError {
  return new StorageError(
    'IO_ERROR',
    'the reader of the output went away',
    STREAM_PATH,
    cause ? { cause } : undefined,
  )
}
