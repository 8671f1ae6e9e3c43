/** Which pieces of a torrent are on disk, and what is missing of its selection. */
import { Bitfield } from '../core/bitfield.js'
import type { PieceIndex } from '../core/geometry.js'
import type { Selection } from './selection.js'

export class PieceLedger {
  readonly #selection: Selection
  readonly #have: Bitfield
  #missingCount: number
  #completedBytes = 0
  #lowestMissing = 0

  constructor(selection: Selection) {
    this.#selection = selection
    this.#have = new Bitfield(selection.pieces.size)
    this.#missingCount = selection.pieces.count
  }

  /** Verified pieces. Not to be changed by others. */
  get have(): Bitfield {
    return this.#have
  }

  /** Pieces of selected files that are not there. */
  get missingCount(): number {
    return this.#missingCount
  }

  /** Selected bytes that are there. */
  get completedBytes(): number {
    return this.#completedBytes
  }

  /** No piece before it is missing. */
  get lowestMissing(): number {
    while (this.#lowestMissing < this.#have.size && !this.isMissing(this.#lowestMissing))
      this.#lowestMissing++
    return this.#lowestMissing
  }

  isMissing(index: number): boolean {
    return this.#selection.pieces.has(index) && !this.#have.has(index)
  }

  *missing(): Generator<PieceIndex, void, undefined> {
    for (let index = 0; index < this.#have.size; index++) if (this.isMissing(index)) yield index as PieceIndex
  }

  /** The piece is verified and on disk. */
  add(index: PieceIndex): void {
    if (this.isMissing(index)) this.#missingCount--
    if (this.#have.set(index)) this.#completedBytes += this.#selection.bytesOf(index)
  }

  /** Nothing is known to be there. */
  clear(): void {
    this.#have.assign(new Bitfield(this.#have.size))
    this.#missingCount = this.#selection.pieces.count
    this.#completedBytes = 0
    this.#lowestMissing = 0
  }

  addAll(pieces: Bitfield): void {
    for (let index = 0; index < pieces.size; index++) if (pieces.has(index)) this.add(index as PieceIndex)
  }
}
