/**
 * Every peer of one family of addresses, of all swarms. A peer is a slot in flat arrays, found by swarm and
 * endpoint (address and port), listed in its swarm, and aged by its last announce.
 *
 * Invariant: a slot in use is in the index, in its swarm's list and in the age list; a free one in none.
 */
import type { AddressBytes } from '../core/compact-peers.js'
import { AgeList } from './age-list.js'
import { MAX_ENDPOINT_BYTES, PEER_ID_BYTES } from './announce-request.js'
import { grownBytes, grownWords } from './grown.js'
import { PeerLists } from './peer-lists.js'
import type { SipHash } from './sip-hash.js'
import { SlotIndex } from './slot-index.js'

const SWARM = 0
const PLACE = 1
const HASH = 2
/** Whether it told that it completed. */
const COMPLETED = 3
const WORDS = 4
/** In the place of the swarm's number. */
const FREE = -1

export class PeerTable {
  readonly lists: PeerLists
  readonly ages = new AgeList()
  readonly #entryPairs: number
  readonly #index = new SlotIndex()
  readonly #hasher: SipHash
  /** The key that was sought last: swarm, then endpoint; and its hash. */
  readonly #key = new Uint8Array(4 + MAX_ENDPOINT_BYTES)
  readonly #keyEndpoint = new Uint16Array(this.#key.buffer, 4)
  #keySwarm = 0
  #keyHash = 0
  #peers = new Int32Array(64 * WORDS)
  #ids = new Uint8Array(64 * PEER_ID_BYTES)
  /** Slots that were used and are free again: each names the next in its PLACE. */
  #freeSlot = -1
  #slotCount = 0

  constructor(addressBytes: AddressBytes, hasher: SipHash) {
    this.#entryPairs = (addressBytes + 2) / 2
    this.#hasher = hasher
    this.lists = new PeerLists(this.#entryPairs, this)
  }

  get count(): number {
    return this.#index.count
  }

  /** Of an address and a port of this family. */
  get endpointBytes(): number {
    return this.#entryPairs * 2
  }

  /** Slots that were ever in use at the same time: each below it is a peer's, or free. */
  get slotCount(): number {
    return this.#slotCount
  }

  get bytes(): number {
    const columns = this.#peers.byteLength + this.#ids.byteLength
    return columns + this.#index.bytes + this.ages.bytes + this.lists.bytes
  }

  /** The peer's slot, or -1. The endpoint may be longer than this family's. */
  find(swarm: number, endpointPairs: Uint16Array): number {
    this.#seek(swarm, endpointPairs)
    return this.#index.find(this.#keyHash, this)
  }

  /** The peer that `find` has just not found, as one that is not a seed. */
  addSought(nowSeconds: number): number {
    const [swarm, hash] = [this.#keySwarm, this.#keyHash]
    const slot = this.#takeSlot()
    const at = slot * WORDS
    this.#peers[at + SWARM] = swarm
    this.#peers[at + HASH] = hash
    this.#peers[at + COMPLETED] = 0
    this.#index.add(hash, slot)
    this.ages.add(slot, nowSeconds)
    this.lists.append(swarm, slot, this.#keyEndpoint)
    return slot
  }

  remove(slot: number): void {
    const at = slot * WORDS
    const swarm = this.#peers[at + SWARM]!
    this.setSeed(slot, false)
    this.#index.remove(this.#peers[at + HASH]!, slot)
    this.ages.remove(slot)
    this.lists.remove(swarm, this.#peers[at + PLACE]!)
    this.#peers[at + SWARM] = FREE
    this.#peers[at + PLACE] = this.#freeSlot
    this.#freeSlot = slot
  }

  setSeed(slot: number, isSeed: boolean): void {
    if (this.isSeed(slot) === isSeed) return
    const swarm = this.#peers[slot * WORDS + SWARM]!
    const place = this.#peers[slot * WORDS + PLACE]!
    if (isSeed) this.lists.promote(swarm, place)
    else this.lists.demote(swarm, place)
  }

  isSeed(slot: number): boolean {
    const at = slot * WORDS
    return this.#peers[at + PLACE]! < this.lists.seedCount(this.#peers[at + SWARM]!)
  }

  /** True the first time for each peer. */
  markCompleted(slot: number): boolean {
    const at = slot * WORDS + COMPLETED
    if (this.#peers[at] === 1) return false
    this.#peers[at] = 1
    return true
  }

  hasCompleted(slot: number): boolean {
    return this.#peers[slot * WORDS + COMPLETED] === 1
  }

  /** The swarm of the slot; -1 when the slot is free. */
  swarmOf(slot: number): number {
    return this.#peers[slot * WORDS + SWARM]!
  }

  /** Where the peer stands in the list of its swarm. */
  placeOf(slot: number): number {
    return this.#peers[slot * WORDS + PLACE]!
  }

  setPeerId(slot: number, peerId: Uint8Array): void {
    const at = slot * PEER_ID_BYTES
    for (let byte = 0; byte < PEER_ID_BYTES; byte++) this.#ids[at + byte] = peerId[byte]!
  }

  /** A view; good until the next change. */
  peerId(slot: number): Uint8Array {
    return this.#ids.subarray(slot * PEER_ID_BYTES, (slot + 1) * PEER_ID_BYTES)
  }

  /** A view of address and port; good until the next change. */
  endpoint(slot: number): Uint8Array {
    const entry = this.lists.start(this.swarmOf(slot)) + this.placeOf(slot)
    const { endpointBytes } = this
    return new Uint8Array(this.lists.pool.addresses.buffer, entry * endpointBytes, endpointBytes)
  }

  /** For the index: whether the slot is of the swarm and endpoint that are sought. */
  holds(slot: number): boolean {
    if (this.#peers[slot * WORDS + SWARM] !== this.#keySwarm) return false
    const entry = this.lists.start(this.#keySwarm) + this.#peers[slot * WORDS + PLACE]!
    const { addresses } = this.lists.pool
    const at = entry * this.#entryPairs
    for (let pair = 0; pair < this.#entryPairs; pair++) {
      if (addresses[at + pair] !== this.#keyEndpoint[pair]) return false
    }
    return true
  }

  /** For the lists. */
  placeChanged(slot: number, place: number): void {
    this.#peers[slot * WORDS + PLACE] = place
  }

  #seek(swarm: number, endpointPairs: Uint16Array): void {
    const key = this.#key
    this.#keySwarm = swarm
    key[0] = swarm
    key[1] = swarm >> 8
    key[2] = swarm >> 16
    key[3] = swarm >> 24
    for (let pair = 0; pair < this.#entryPairs; pair++) this.#keyEndpoint[pair] = endpointPairs[pair]!
    this.#keyHash = this.#hasher.hash(key, 4 + this.#entryPairs * 2)
  }

  #takeSlot(): number {
    const free = this.#freeSlot
    if (free !== -1) {
      this.#freeSlot = this.#peers[free * WORDS + PLACE]!
      return free
    }
    const slot = this.#slotCount++
    if (slot * WORDS >= this.#peers.length) {
      this.#peers = grownWords(this.#peers, this.#peers.length * 2)
      this.#ids = grownBytes(this.#ids, this.#ids.length * 2)
    }
    return slot
  }
}
