/**
 * Slots in the order in which they were last seen, so that the oldest is known without a search: expiry costs
 * what it removes, and "oldest out" costs one step. A doubly linked list in one flat array.
 *
 * Invariant: from `oldest` on, `seenSeconds` never falls, as long as the callers' time does not.
 */
import { grownWords } from './grown.js'

const OLDER = 0
const NEWER = 1
const SEEN = 2
const WORDS = 3
const NONE = -1

export class AgeList {
  #links = new Int32Array(64 * WORDS)
  #newest = NONE
  /** The slot that was not seen for the longest time, or -1. */
  oldest = NONE

  get bytes(): number {
    return this.#links.byteLength
  }

  /** The slot must not be in the list. */
  add(slot: number, nowSeconds: number): void {
    const at = slot * WORDS
    if (at + WORDS > this.#links.length)
      this.#links = grownWords(this.#links, Math.max(at + WORDS, this.#links.length * 2))
    const links = this.#links
    links[at + OLDER] = this.#newest
    links[at + NEWER] = NONE
    links[at + SEEN] = nowSeconds
    if (this.#newest === NONE) this.oldest = slot
    else links[this.#newest * WORDS + NEWER] = slot
    this.#newest = slot
  }

  /** The slot must be in the list. */
  remove(slot: number): void {
    const links = this.#links
    const older = links[slot * WORDS + OLDER]!
    const newer = links[slot * WORDS + NEWER]!
    if (older === NONE) this.oldest = newer
    else links[older * WORDS + NEWER] = newer
    if (newer === NONE) this.#newest = older
    else links[newer * WORDS + OLDER] = older
  }

  /** The slot must be in the list, and is its newest afterwards. */
  touch(slot: number, nowSeconds: number): void {
    if (slot === this.#newest) {
      this.#links[slot * WORDS + SEEN] = nowSeconds
      return
    }
    this.remove(slot)
    this.add(slot, nowSeconds)
  }

  seenSeconds(slot: number): number {
    return this.#links[slot * WORDS + SEEN]!
  }
}
