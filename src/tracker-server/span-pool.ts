/**
 * Memory for many lists that grow and shrink, in two flat arrays: the compact addresses of a swarm stand
 * one after another, ready to be copied into an answer, and beside each stands the slot of its peer. A list
 * owns a span of a power of two of entries; spans that were let go are used again for lists of the same
 * size.
 *
 * Invariant: live spans never overlap. What all the lists of a size once needed at the same time stays
 * reserved.
 */
import { grownPairs, grownWords } from './grown.js'

const NONE = -1
const SIZES = 31

export class SpanPool {
  /**
   * Entry after entry, `entryPairs` each: the bytes of addresses and ports two by two, in memory's own
   * order.
   */
  addresses: Uint16Array<ArrayBuffer>
  /** The peer of each entry. In a free span, the first is the next free span of its size. */
  slots: Int32Array
  #used = 0
  readonly #free = new Int32Array(SIZES).fill(NONE)

  constructor(readonly entryPairs: number) {
    this.addresses = new Uint16Array(64 * entryPairs)
    this.slots = new Int32Array(64)
  }

  get bytes(): number {
    return this.addresses.byteLength + this.slots.byteLength
  }

  /** The first entry of a span of `2 ** size` entries. */
  take(size: number): number {
    const start = this.#free[size]!
    if (start !== NONE) {
      this.#free[size] = this.slots[start]!
      return start
    }
    const fresh = this.#used
    this.#used += 1 << size
    this.#grow()
    return fresh
  }

  give(start: number, size: number): void {
    this.slots[start] = this.#free[size]!
    this.#free[size] = start
  }

  /** Moves the first `count` entries into a span of another size. Returns its start. */
  resize(start: number, count: number, sizes: { readonly from: number; readonly to: number }): number {
    const target = this.take(sizes.to)
    const { entryPairs } = this
    this.addresses.copyWithin(target * entryPairs, start * entryPairs, (start + count) * entryPairs)
    this.slots.copyWithin(target, start, start + count)
    this.give(start, sizes.from)
    return target
  }

  #grow(): void {
    if (this.#used <= this.slots.length) return
    const count = Math.max(this.#used, this.slots.length * 2)
    this.slots = grownWords(this.slots, count)
    this.addresses = grownPairs(this.addresses, count * this.entryPairs)
  }
}
