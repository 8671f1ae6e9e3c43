/**
 * The pieces still to be picked, ordered by how many peers have each: a bucket for each availability, the
 * rarest first, in random order within a bucket. Every change is O(1) but for piece removal and insertion,
 * which take a step for each bucket between the piece's and the last.
 *
 * Peers that have everything are not counted here: they make no piece rarer than another.
 */

import type { Random } from '../core/clock.js'
import type { PieceIndex } from '../core/geometry.js'

const ABSENT = -1

export class AvailabilityOrder {
  /** Pieces, bucket after bucket. */
  readonly #order: Int32Array
  /** Where each piece stands in the order. */
  readonly #places: Int32Array
  readonly #availability: Uint16Array
  /** Where each bucket ends in the order; it starts where the one before ends. */
  readonly #ends: number[] = [0]
  #length = 0

  constructor(
    pieceCount: number,
    readonly random: Random,
  ) {
    this.#order = new Int32Array(pieceCount)
    this.#places = new Int32Array(pieceCount).fill(ABSENT)
    this.#availability = new Uint16Array(pieceCount)
  }

  /** How many pieces are still to be picked. */
  get length(): number {
    return this.#length
  }

  has(index: number): boolean {
    return this.#places[index]! !== ABSENT
  }

  availability(index: number): number {
    return this.#availability[index]!
  }

  insert(index: number): void {
    if (this.has(index)) return
    let place = this.#length++
    for (let bucket = this.#lastBucket(index); bucket > this.#availability[index]!; bucket--) {
      place = this.#moveFirstTo(bucket, place)
    }
    this.#ends[this.#availability[index]!]!++
    this.#put(index, place)
    this.#mix(index)
  }

  remove(index: number): void {
    if (!this.has(index)) return
    let hole = this.#places[index]!
    for (let bucket = this.#availability[index]!; bucket < this.#ends.length; bucket++) {
      const last = --this.#ends[bucket]!
      if (last !== hole) this.#put(this.#order[last]!, hole)
      hole = last
    }
    this.#places[index] = ABSENT
    this.#length--
  }

  /** One more peer has the piece. */
  increase(index: number): void {
    const from = this.#availability[index]!++
    if (!this.has(index)) return
    this.#lastBucket(index)
    this.#swap(this.#places[index]!, --this.#ends[from]!)
    this.#mix(index)
  }

  /** One peer fewer has the piece. */
  decrease(index: number): void {
    if (this.#availability[index] === 0) return
    const to = --this.#availability[index]!
    if (!this.has(index)) return
    this.#swap(this.#places[index]!, this.#ends[to]!++)
    this.#mix(index)
  }

  /** The place of the first piece that passes, from the rarest on, or from a place that was found before. */
  find(passes: (index: number) => boolean, from = 0): number | undefined {
    for (let place = from; place < this.#length; place++) if (passes(this.#order[place]!)) return place
    return undefined
  }

  pieceAt(place: number): PieceIndex {
    return this.#order[place] as PieceIndex
  }

  /** The number of the last bucket, which is made when the piece's own does not exist yet. */
  #lastBucket(index: number): number {
    while (this.#ends.length <= this.#availability[index]!)
      this.#ends.push(this.#ends[this.#ends.length - 1]!)
    return this.#ends.length - 1
  }

  /** The bucket moves one place to the right: its first piece goes to the free place behind its last. */
  #moveFirstTo(bucket: number, free: number): number {
    const first = this.#ends[bucket - 1]!
    if (first !== free) this.#put(this.#order[first]!, free)
    this.#ends[bucket]!++
    return first
  }

  /** The piece, which has just come to an edge of its bucket, changes places with any piece of the bucket. */
  #mix(index: number): void {
    const bucket = this.#availability[index]!
    const start = bucket === 0 ? 0 : this.#ends[bucket - 1]!
    const place = start + Math.floor(this.random() * (this.#ends[bucket]! - start))
    this.#swap(this.#places[index]!, place)
  }

  #swap(a: number, b: number): void {
    const piece = this.#order[a]!
    this.#put(this.#order[b]!, a)
    this.#put(piece, b)
  }

  #put(index: number, place: number): void {
    this.#order[place] = index
    this.#places[index] = place
  }
}
