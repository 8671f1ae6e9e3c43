/**
 * Neighbouring pieces that somebody who reads long stretches (a web seed) has for itself before they are begun and
 * take memory, so that one request covers many of them and comes to its end.
 *
 * Nobody waits for what is claimed: who finds nothing else to fetch gets the far half of a claim.
 */

import type { PieceIndex } from '../core/geometry.js'
import type { DownloadPeer } from './download-peer.js'
import type { PiecePicker, PieceStretch } from './piece-picker.js'
import type { RunGrid } from './run-grid.js'

/** The longest claim: a second of a fast link, which a request's delay is little to. */
const MOST_BYTES = 16 * 1024 * 1024
/** What is to come in order is not claimed far ahead. */
const MOST_SEQUENTIAL_BYTES = 4 * 1024 * 1024

interface Claim {
  /** The first piece that has not been begun, and the one after the last. */
  next: number
  end: number
}

export class Claims {
  readonly #grid: RunGrid
  readonly #picker: PiecePicker
  /** One that is used up tells where to go on. */
  readonly #byPeer = new Map<DownloadPeer, Claim>()

  constructor(grid: RunGrid, picker: PiecePicker) {
    this.#grid = grid
    this.#picker = picker
  }

  get isEmpty(): boolean {
    for (const claim of this.#byPeer.values()) if (claim.next < claim.end) return false
    return true
  }

  /** Somebody else has claimed the piece. */
  hasOther(peer: DownloadPeer, index: number): boolean {
    for (const [other, { next, end }] of this.#byPeer) {
      if (other !== peer && next <= index && index < end) return true
    }
    return false
  }

  /** The piece after the last that the peer may expect to be asked for when it goes on from `index`. */
  endFrom(peer: DownloadPeer, index: number): number {
    const claim = this.#byPeer.get(peer)
    return claim?.next === index ? claim.end : index
  }

  /** At most `most` pieces to begin now, within one group of those that share a run. */
  take(peer: DownloadPeer, has: (index: number) => boolean, most: number): PieceStretch | undefined {
    const claim = this.#claimOf(peer, has)
    if (claim === undefined) return undefined
    const first = claim.next as PieceIndex
    const group = this.#grid.piecesPerRun
    const end = Math.min(claim.end, first + most, first - (first % group) + group)
    claim.next++
    while (claim.next < end && has(claim.next)) claim.next++
    return { first, count: claim.next - first }
  }

  /** The peer fetches nothing for now: others may have what it claimed. */
  giveBack(peer: DownloadPeer): void {
    const claim = this.#byPeer.get(peer)
    if (claim === undefined) return
    this.#byPeer.delete(peer)
    this.#free(claim.next, claim.end)
  }

  /** Makes room for somebody who finds nothing else. True when pieces that it has can be picked now. */
  yieldTo(has: (index: number) => boolean): boolean {
    for (const claim of this.#largestFirst()) {
      const middle = claim.next + ((claim.end - claim.next) >> 1)
      if (!isAnyIn(middle, claim.end, has)) continue
      this.#free(middle, claim.end)
      claim.end = middle
      return true
    }
    return false
  }

  #claimOf(peer: DownloadPeer, has: (index: number) => boolean): Claim | undefined {
    const old = this.#byPeer.get(peer)
    if (old !== undefined && old.next < old.end && has(old.next)) return old
    this.giveBack(peer)
    const isAhead = (index: number) => [...this.#byPeer.values()].some(({ end }) => end === index)
    const wish = { most: this.#mostPieces(), group: this.#grid.piecesPerRun, from: old?.end, isAhead }
    const stretch = this.#picker.takeStretch(has, wish)
    if (stretch === undefined) return undefined
    const claim = { next: stretch.first as number, end: stretch.first + stretch.count }
    this.#byPeer.set(peer, claim)
    return claim
  }

  /** Towards the end claims become shorter, so that their owners come to an end together. */
  #mostPieces(): number {
    const { geometry, piecesPerRun } = this.#grid
    const longest = this.#picker.mode === 'sequential' ? MOST_SEQUENTIAL_BYTES : MOST_BYTES
    const fairPieces = this.#picker.remainingCount / (2 * (this.#byPeer.size + 1))
    const pieces = Math.min(longest / geometry.pieceLength, fairPieces)
    return Math.max(1, Math.floor(pieces / piecesPerRun)) * piecesPerRun
  }

  #largestFirst(): Claim[] {
    const claims = [...this.#byPeer.values()].filter(({ next, end }) => next < end)
    return claims.sort((a, b) => b.end - b.next - (a.end - a.next))
  }

  #free(from: number, end: number): void {
    for (let index = from; index < end; index++) this.#picker.add(index as PieceIndex)
  }
}

function isAnyIn(from: number, end: number, has: (index: number) => boolean): boolean {
  for (let index = from; index < end; index++) if (has(index)) return true
  return false
}
