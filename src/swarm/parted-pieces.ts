/**
 * Pieces too large for memory, while they come in parts. Each part is a run of its own that goes to the disk
 * unverified, in any order; when all are there, the piece is read back and verified.
 */
import type { PieceIndex } from '../core/geometry.js'
import type { RunStretch } from './open-run.js'
import type { RunGrid } from './run-grid.js'

interface PartedPiece {
  readonly index: PieceIndex
  readonly waitingParts: number[]
  unwrittenCount: number
  readonly sources: Set<number>
  /** Only this peer begins its parts: it is on parole, or reads them one after the other. */
  readonly exclusiveTo: number | undefined
  /** Others may help when they have nothing else to do. */
  readonly mayBeHelped: boolean
}

export class PartedPieces {
  readonly #grid: RunGrid
  readonly #pieces = new Map<PieceIndex, PartedPiece>()

  constructor(grid: RunGrid) {
    this.#grid = grid
  }

  /** True when a part of some piece is still to be begun. */
  get hasWaiting(): boolean {
    for (const piece of this.#pieces.values()) if (piece.waitingParts.length > 0) return true
    return false
  }

  /** The piece has been begun and not been verified yet. */
  has(index: PieceIndex): boolean {
    return this.#pieces.has(index)
  }

  /** What has been written is not to be relied on any more. */
  clear(): void {
    this.#pieces.clear()
  }

  begin(index: PieceIndex, exclusiveTo: number | undefined, mayBeHelped = true): void {
    const partCount = this.#grid.partCount(index)
    const waitingParts = Array.from({ length: partCount }, (_, part) => partCount - 1 - part)
    this.#pieces.set(index, {
      index,
      waitingParts,
      unwrittenCount: partCount,
      sources: new Set(),
      exclusiveTo,
      mayBeHelped,
    })
  }

  /** The next part of a begun piece that the peer has, and that is kept for `keptFor`, or for nobody. */
  takePart(keptFor: number | undefined, has: (index: number) => boolean): RunStretch | undefined {
    for (const piece of this.#pieces.values()) {
      if (piece.waitingParts.length === 0 || piece.exclusiveTo !== keptFor || !has(piece.index)) continue
      return this.#stretch(piece.index, piece.waitingParts.pop()!)
    }
    return undefined
  }

  /** The last part of a piece that somebody else reads from its start. */
  takeKept(has: (index: number) => boolean): RunStretch | undefined {
    for (const piece of this.#pieces.values()) {
      if (!piece.mayBeHelped || piece.waitingParts.length === 0 || !has(piece.index)) continue
      return this.#stretch(piece.index, piece.waitingParts.shift()!)
    }
    return undefined
  }

  /** A part of a piece that others have written parts of, so that nobody can fetch it alone any more. */
  takeLeftOver(has: (index: number) => boolean): RunStretch | undefined {
    return this.takePart(undefined, (index) => has(index) && this.#isBegun(index as PieceIndex))
  }

  /**
   * A part will not be fetched after all, or not into the memory that it had. True when nothing of the piece
   * is there or under way: it can be picked again as if it had never been begun.
   */
  giveBack(stretch: RunStretch): boolean {
    const { firstPiece, begin } = stretch
    const piece = this.#pieces.get(firstPiece)
    if (piece === undefined) return false
    piece.waitingParts.push(begin / this.#grid.bufferBytes)
    if (piece.waitingParts.length < this.#grid.partCount(firstPiece)) return false
    return this.#pieces.delete(firstPiece)
  }

  /** A peer that a piece was kept for has left: anybody may go on with it. */
  release(peer: number): void {
    for (const [index, piece] of this.#pieces) {
      if (piece.exclusiveTo === peer) this.#pieces.set(index, { ...piece, exclusiveTo: undefined })
    }
  }

  /** A part is on disk. True when it was the last: the piece can be verified. */
  written(stretch: RunStretch, sources: Iterable<number>): boolean {
    const piece = this.#pieces.get(stretch.firstPiece)
    if (piece === undefined) return false
    for (const source of sources) piece.sources.add(source)
    piece.unwrittenCount--
    return piece.unwrittenCount === 0
  }

  /** The piece has been verified, one way or the other. Answers whose bytes were in it. */
  end(index: PieceIndex): ReadonlySet<number> {
    const sources = this.#pieces.get(index)?.sources ?? new Set<number>()
    this.#pieces.delete(index)
    return sources
  }

  #isBegun(index: PieceIndex): boolean {
    return (this.#pieces.get(index)?.sources.size ?? 0) > 0
  }

  #stretch(index: PieceIndex, part: number): RunStretch {
    const begin = part * this.#grid.bufferBytes
    const length = Math.min(this.#grid.bufferBytes, this.#grid.geometry.pieceBytes(index) - begin)
    return { firstPiece: index, pieceCount: 1, begin, length }
  }
}
