/**
 * What one side of an encrypted handshake reads and says, without a socket: steps wait here for bytes, in
 * whatever way TCP cut them, by yielding.
 *
 * Invariant: between calls fewer bytes are held than the step at hand waits for, which is 65,535 at most.
 */
import { PeerError } from '../core/errors.js'

const INITIAL_HELD_BYTES = 1024

/** Waits by yielding; `next` is to be called when there are more bytes. */
export type Waiting<Result> = Generator<void, Result, void>

export class MseLine {
  #held = Buffer.allocUnsafe(INITIAL_HELD_BYTES)
  #heldBytes = 0
  #said: Uint8Array[] = []

  /** Bytes have come; they are copied. */
  hear(bytes: Uint8Array): void {
    const total = this.#heldBytes + bytes.length
    if (total > this.#held.length) {
      const larger = Buffer.allocUnsafe(Math.max(total, 2 * this.#held.length))
      this.#held.copy(larger, 0, 0, this.#heldBytes)
      this.#held = larger
    }
    this.#held.set(bytes, this.#heldBytes)
    this.#heldBytes = total
  }

  say(...parts: readonly Uint8Array[]): void {
    this.#said.push(...parts)
  }

  /** Everything that was said since the last call, to be sent. */
  takeSaid(): Buffer {
    const said = Buffer.concat(this.#said)
    this.#said = []
    return said
  }

  /** So many bytes, which belong to the caller. */
  *take(count: number): Waiting<Buffer> {
    while (this.#heldBytes < count) yield
    const taken = Buffer.from(this.#held.subarray(0, count))
    this.#drop(count)
    return taken
  }

  /** Passes over padding, and the mark that ends it. Throws PeerError when it does not come. */
  *skipPast(mark: Uint8Array, mostPaddingBytes: number): Waiting<void> {
    for (;;) {
      const window = this.#held.subarray(0, Math.min(this.#heldBytes, mostPaddingBytes + mark.length))
      const at = window.indexOf(mark)
      if (at >= 0) return this.#drop(at + mark.length)
      if (window.length === mostPaddingBytes + mark.length) {
        throw new PeerError('BAD_HANDSHAKE', 'an encrypted handshake of somebody else')
      }
      yield
    }
  }

  /** What has come beyond the handshake. */
  takeRest(): Buffer {
    const rest = Buffer.from(this.#held.subarray(0, this.#heldBytes))
    this.#heldBytes = 0
    return rest
  }

  #drop(count: number): void {
    this.#held.copyWithin(0, count, this.#heldBytes)
    this.#heldBytes -= count
  }
}
