/**
 * Which pieces to begin next: the rarest among those that a peer has, or the first of them in sequential
 * mode. It knows only pieces that are wanted and not begun; the caller says when one comes back.
 */
import type { Random } from '../core/clock.js'
import type { PieceIndex } from '../core/geometry.js'
import { AvailabilityOrder } from './availability-order.js'
import { findGap } from './piece-gaps.js'

export type PickOrder = 'rarestFirst' | 'sequential'

/** What somebody wants who fetches many neighbouring pieces in one go. */
export interface StretchWish {
  readonly most: number
  /** Runs begin at multiples of so many pieces. */
  readonly group: number
  /** Where its last stretch ended. */
  readonly from: number | undefined
  /** Somebody else will go on with this piece. */
  isAhead(index: number): boolean
}

/** A gap of so many stretches is long enough. */
const ENOUGH_STRETCHES = 4

export class PiecePicker {
  readonly #order: AvailabilityOrder
  readonly mode: PickOrder
  readonly #pieceCount: number
  /** No pickable piece is below it. */
  #lowest = 0
  /** Changes whenever a piece that could not be picked now can. */
  #version = 0

  constructor(pieceCount: number, mode: PickOrder, random: Random) {
    this.#order = new AvailabilityOrder(pieceCount, random)
    this.mode = mode
    this.#pieceCount = pieceCount
    this.#lowest = pieceCount
  }

  /** Wanted pieces that nobody has begun. */
  get remainingCount(): number {
    return this.#order.length
  }

  /** The piece is among them. */
  has(index: number): boolean {
    return this.#order.has(index)
  }

  get version(): number {
    return this.#version
  }

  /** The piece is wanted, and nobody is fetching it. */
  add(index: PieceIndex): void {
    this.#order.insert(index)
    this.#version++
    if (index < this.#lowest) this.#lowest = index
  }

  /** Peers that found nothing to pick should look again. */
  touch(): void {
    this.#version++
  }

  /** The piece is being fetched, or not wanted any more. */
  remove(index: PieceIndex): void {
    this.#order.remove(index)
  }

  /** A peer that does not have everything has the piece. */
  peerHas(index: PieceIndex): void {
    this.#order.increase(index)
  }

  peerLost(index: PieceIndex): void {
    this.#order.decrease(index)
  }

  /**
   * A stretch of at most `most` neighbouring pieces to begin, all of the same availability, within one
   * group of `group` pieces (so that runs do not leave single pieces between them). Removes them.
   *
   * A peer that lacks the rarest pieces would have them all looked at for each pick: `from` is the place of its
   * last one. What became rarer since is overlooked; start from 0 now and then.
   */
  take(has: (index: number) => boolean, most: number, group: number, from = 0): PickedStretch | undefined {
    const place = this.mode === 'sequential' ? 0 : (this.#order.find(has, from) ?? this.#order.find(has))
    if (place === undefined) return undefined
    const found = this.mode === 'sequential' ? this.#findFirst(has) : this.#order.pieceAt(place)
    if (found === undefined) return undefined
    const rarity = this.#order.availability(found)
    const joins = (index: number) =>
      this.#order.has(index) && this.#order.availability(index) === rarity && has(index)
    const groupStart = found - (found % group)
    const groupEnd = Math.min(groupStart + group, this.#pieceCount)
    let first = found as number
    let end = found + 1
    if (this.mode === 'rarestFirst') {
      while (first > groupStart && found - first + 1 < most && joins(first - 1)) first--
    }
    while (end < groupEnd && end - first < most && joins(end)) end++
    for (let index = first; index < end; index++) this.#order.remove(index)
    return { first: first as PieceIndex, count: end - first, place }
  }

  /**
   * Neighbouring pieces, from where the last ones ended or from the longest gap, so that few requests cover many.
   * Rarity counts only in that those which no peer has, but for those with everything, come first. Removes them.
   */
  takeStretch(has: (index: number) => boolean, wish: StretchWish): PieceStretch | undefined {
    if (this.#order.length === 0) return undefined
    const isFree = (index: number) => this.#order.has(index) && has(index)
    const isAnyLeftOver = this.#order.availability(this.#order.pieceAt(0)) === 0
    if (this.mode === 'sequential' || !isAnyLeftOver) return this.#takeFree(isFree, wish)
    const isLeftOver = (index: number) => isFree(index) && this.#order.availability(index) === 0
    return this.#takeFree(isLeftOver, wish) ?? this.#takeFree(isFree, wish)
  }

  #takeFree(isFree: (index: number) => boolean, wish: StretchWish): PieceStretch | undefined {
    const first = this.mode === 'sequential' ? this.#findFirst(isFree) : this.#findStretch(isFree, wish)
    if (first === undefined) return undefined
    let end = first + 1
    while (end < this.#pieceCount && end - first < wish.most && isFree(end)) end++
    for (let index = first as number; index < end; index++) this.#order.remove(index)
    return { first, count: end - first }
  }

  #findStretch(isFree: (index: number) => boolean, wish: StretchWish): PieceIndex | undefined {
    const { from, group, most } = wish
    if (from !== undefined && from < this.#pieceCount && isFree(from)) return from as PieceIndex
    const isAhead = (index: number) => wish.isAhead(index)
    const search = { pieceCount: this.#pieceCount, isFree, isAhead, group, enough: ENOUGH_STRETCHES * most }
    return findGap(search) as PieceIndex | undefined
  }

  #findFirst(has: (index: number) => boolean): PieceIndex | undefined {
    while (this.#lowest < this.#pieceCount && !this.#order.has(this.#lowest)) this.#lowest++
    for (let index = this.#lowest; index < this.#pieceCount; index++) {
      if (this.#order.has(index) && has(index)) return index as PieceIndex
    }
    return undefined
  }
}

export interface PieceStretch {
  readonly first: PieceIndex
  readonly count: number
}

export interface PickedStretch extends PieceStretch {
  /** Where it was found in the order. */
  readonly place: number
}
