/**
 * The peers of each swarm as a list whose seeds come first, in one family of addresses. A place in a list may
 * change with every change of the list; who stands where is told to the owner.
 *
 * Invariant: places `0..seedCount` of a swarm are seeds, the rest up to `count` are not.
 */
import { grownWords } from './grown.js'
import { SpanPool } from './span-pool.js'

const START = 0
const SIZE = 1
const COUNT = 2
const SEEDS = 3
const WORDS = 4

/** A span of two is the smallest: most swarms of a large tracker have one peer or two. */
const SMALLEST = 1

/** Hears of peers that came to stand elsewhere in their list. */
export interface PlaceKeeper {
  placeChanged(slot: number, place: number): void
}

export class PeerLists {
  readonly pool: SpanPool
  /** Per swarm. A swarm without peers owns no span. */
  #lists = new Int32Array(64 * WORDS)

  constructor(
    entryPairs: number,
    readonly keeper: PlaceKeeper,
  ) {
    this.pool = new SpanPool(entryPairs)
  }

  get bytes(): number {
    return this.pool.bytes + this.#lists.byteLength
  }

  count(swarm: number): number {
    return this.#lists[swarm * WORDS + COUNT] ?? 0
  }

  seedCount(swarm: number): number {
    return this.#lists[swarm * WORDS + SEEDS] ?? 0
  }

  /** Where the swarm's list starts in the pool. */
  start(swarm: number): number {
    return this.#lists[swarm * WORDS + START]!
  }

  /** Who stands at this place. */
  slotAt(swarm: number, place: number): number {
    return this.pool.slots[this.start(swarm) + place]!
  }

  /** At the end, as one that is not a seed. */
  append(swarm: number, slot: number, endpointPairs: Uint16Array): void {
    const at = swarm * WORDS
    if (at >= this.#lists.length)
      this.#lists = grownWords(this.#lists, Math.max(this.#lists.length * 2, at + WORDS))
    this.#makeRoom(at)
    const count = this.#lists[at + COUNT]!
    const entry = this.#lists[at + START]! + count
    const { addresses, slots, entryPairs } = this.pool
    for (let pair = 0; pair < entryPairs; pair++) addresses[entry * entryPairs + pair] = endpointPairs[pair]!
    slots[entry] = slot
    this.#lists[at + COUNT] = count + 1
    this.keeper.placeChanged(slot, count)
  }

  /** The one at this place, not a seed, becomes one. */
  promote(swarm: number, place: number): void {
    const seeds = this.#lists[swarm * WORDS + SEEDS]!
    this.#swap(swarm, place, seeds)
    this.#lists[swarm * WORDS + SEEDS] = seeds + 1
  }

  /** The seed at this place is one no longer. */
  demote(swarm: number, place: number): void {
    const seeds = this.#lists[swarm * WORDS + SEEDS]! - 1
    this.#swap(swarm, place, seeds)
    this.#lists[swarm * WORDS + SEEDS] = seeds
  }

  /** The one at this place, not a seed, leaves. */
  remove(swarm: number, place: number): void {
    const at = swarm * WORDS
    const count = this.#lists[at + COUNT]! - 1
    this.#swap(swarm, place, count)
    this.#lists[at + COUNT] = count
    this.#giveBack(at)
  }

  #swap(swarm: number, one: number, other: number): void {
    if (one === other) return
    const start = this.#lists[swarm * WORDS + START]!
    const { addresses, slots, entryPairs } = this.pool
    const [a, b] = [start + one, start + other]
    for (let pair = 0; pair < entryPairs; pair++) {
      const kept = addresses[a * entryPairs + pair]!
      addresses[a * entryPairs + pair] = addresses[b * entryPairs + pair]!
      addresses[b * entryPairs + pair] = kept
    }
    const kept = slots[a]!
    slots[a] = slots[b]!
    slots[b] = kept
    this.keeper.placeChanged(slots[a]!, one)
    this.keeper.placeChanged(kept, other)
  }

  #makeRoom(at: number): void {
    const lists = this.#lists
    const count = lists[at + COUNT]!
    if (count === 0) {
      lists[at + START] = this.pool.take(SMALLEST)
      lists[at + SIZE] = SMALLEST
    } else if (count === 1 << lists[at + SIZE]!) this.#resize(at, lists[at + SIZE]! + 1)
  }

  /** A list that is a quarter full moves to half the room, so that it may grow again before it moves back. */
  #giveBack(at: number): void {
    const lists = this.#lists
    const [count, size] = [lists[at + COUNT]!, lists[at + SIZE]!]
    if (count === 0) this.pool.give(lists[at + START]!, size)
    else if (size > SMALLEST && count <= 1 << (size - 2)) this.#resize(at, size - 1)
  }

  #resize(at: number, size: number): void {
    const lists = this.#lists
    const sizes = { from: lists[at + SIZE]!, to: size }
    lists[at + START] = this.pool.resize(lists[at + START]!, lists[at + COUNT]!, sizes)
    lists[at + SIZE] = size
  }
}
