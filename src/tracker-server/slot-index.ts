/**
 * Finds the slot that holds a key, in one flat table: a slot and its hash per place, no object per entry. The
 * keys stay with their owner, which says whether a slot holds the one that is sought.
 *
 * Invariant: a slot stands at the place that its hash names or after it, with no empty place between (open
 * addressing); removal closes the gap, so that lookups never pass graves.
 */
export interface SlotOwner {
  /** Whether the slot holds the key that the owner is looking for. */
  holds(slot: number): boolean
}

const NO_SLOT = -1

export class SlotIndex {
  /** Slot + 1 (0 is an empty place), then its hash. */
  #table: Int32Array
  #mask: number
  #count = 0

  constructor(placeCount = 64) {
    this.#table = new Int32Array(placeCount * 2)
    this.#mask = placeCount - 1
  }

  get count(): number {
    return this.#count
  }

  get bytes(): number {
    return this.#table.byteLength
  }

  /** The slot, or -1. */
  find(hash: number, owner: SlotOwner): number {
    const table = this.#table
    for (let place = hash & this.#mask; ; place = (place + 1) & this.#mask) {
      const slot = table[place * 2]! - 1
      if (slot === NO_SLOT) return NO_SLOT
      if (table[place * 2 + 1] === hash && owner.holds(slot)) return slot
    }
  }

  /** The slot must not be there yet. */
  add(hash: number, slot: number): void {
    if (this.#count * 3 >= (this.#mask + 1) * 2) this.#grow()
    this.#put(hash, slot)
    this.#count++
  }

  /** The slot must be there, with this hash. */
  remove(hash: number, slot: number): void {
    const table = this.#table
    let gap = hash & this.#mask
    while (table[gap * 2] !== slot + 1) gap = (gap + 1) & this.#mask
    for (let place = (gap + 1) & this.#mask; table[place * 2] !== 0; place = (place + 1) & this.#mask) {
      const home = table[place * 2 + 1]! & this.#mask
      if (((place - home) & this.#mask) < ((place - gap) & this.#mask)) continue
      table[gap * 2] = table[place * 2]!
      table[gap * 2 + 1] = table[place * 2 + 1]!
      gap = place
    }
    table[gap * 2] = 0
    this.#count--
  }

  #put(hash: number, slot: number): void {
    let place = hash & this.#mask
    while (this.#table[place * 2] !== 0) place = (place + 1) & this.#mask
    this.#table[place * 2] = slot + 1
    this.#table[place * 2 + 1] = hash
  }

  #grow(): void {
    const old = this.#table
    this.#table = new Int32Array(old.length * 2)
    this.#mask = old.length - 1
    for (let at = 0; at < old.length; at += 2) {
      if (old[at] !== 0) this.#put(old[at + 1]!, old[at]! - 1)
    }
  }
}
