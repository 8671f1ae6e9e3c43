/**
 * Every swarm that the tracker knows, by info hash: a slot in flat arrays, aged by its last announce. Who
 * is in a swarm is kept by the tables of peers.
 */
import { AgeList } from './age-list.js'
import { INFO_HASH_BYTES } from './announce-request.js'
import { grownBytes, grownWords } from './grown.js'
import type { SipHash } from './sip-hash.js'
import { SlotIndex } from './slot-index.js'

const HASH = 0
const COMPLETED = 1
/** The next free slot; USED in one that is not free. */
const NEXT_FREE = 2
const WORDS = 3
const NONE = -1
const USED = -2

export class SwarmTable {
  readonly ages = new AgeList()
  readonly #index = new SlotIndex()
  readonly #hasher: SipHash
  #swarms = new Int32Array(64 * WORDS)
  #infoHashes = new Uint8Array(64 * INFO_HASH_BYTES)
  #sought: Uint8Array = new Uint8Array(INFO_HASH_BYTES)
  #freeSlot = NONE
  #slotCount = 0

  constructor(hasher: SipHash) {
    this.#hasher = hasher
  }

  get count(): number {
    return this.#index.count
  }

  /** Each slot below it is a swarm's, or free. */
  get slotCount(): number {
    return this.#slotCount
  }

  get bytes(): number {
    return this.#swarms.byteLength + this.#infoHashes.byteLength + this.#index.bytes + this.ages.bytes
  }

  /** The slot, or -1. */
  find(infoHash: Uint8Array): number {
    this.#sought = infoHash
    return this.#index.find(this.#hasher.hash(infoHash, INFO_HASH_BYTES), this)
  }

  /** A swarm that is not there yet. */
  add(infoHash: Uint8Array, nowSeconds: number): number {
    const hash = this.#hasher.hash(infoHash, INFO_HASH_BYTES)
    const slot = this.#takeSlot()
    this.#swarms[slot * WORDS + HASH] = hash
    this.#swarms[slot * WORDS + COMPLETED] = 0
    this.#swarms[slot * WORDS + NEXT_FREE] = USED
    this.#infoHashes.set(infoHash, slot * INFO_HASH_BYTES)
    this.#index.add(hash, slot)
    this.ages.add(slot, nowSeconds)
    return slot
  }

  remove(slot: number): void {
    this.#index.remove(this.#swarms[slot * WORDS + HASH]!, slot)
    this.ages.remove(slot)
    this.#swarms[slot * WORDS + NEXT_FREE] = this.#freeSlot
    this.#freeSlot = slot
  }

  isUsed(slot: number): boolean {
    return slot < this.#slotCount && this.#swarms[slot * WORDS + NEXT_FREE] === USED
  }

  /** How many peers told that they completed it. */
  completedCount(slot: number): number {
    return this.#swarms[slot * WORDS + COMPLETED]!
  }

  addCompleted(slot: number, count: number): void {
    const sum = this.completedCount(slot) + count
    this.#swarms[slot * WORDS + COMPLETED] = Math.min(sum, MAX_COMPLETED)
  }

  /** A view; good until the next change. */
  infoHash(slot: number): Uint8Array {
    return this.#infoHashes.subarray(slot * INFO_HASH_BYTES, (slot + 1) * INFO_HASH_BYTES)
  }

  /** For the index. */
  holds(slot: number): boolean {
    const at = slot * INFO_HASH_BYTES
    for (let byte = 0; byte < INFO_HASH_BYTES; byte++) {
      if (this.#infoHashes[at + byte] !== this.#sought[byte]) return false
    }
    return true
  }

  #takeSlot(): number {
    const free = this.#freeSlot
    if (free !== NONE) {
      this.#freeSlot = this.#swarms[free * WORDS + NEXT_FREE]!
      return free
    }
    const slot = this.#slotCount++
    if (slot * WORDS >= this.#swarms.length) {
      this.#swarms = grownWords(this.#swarms, this.#swarms.length * 2)
      this.#infoHashes = grownBytes(this.#infoHashes, this.#infoHashes.length * 2)
    }
    return slot
  }
}

/** UDP scrapes have 32 bits for it. */
const MAX_COMPLETED = 2 ** 31 - 1
