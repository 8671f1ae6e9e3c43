/**
 * Pieces too large for memory, while they come in parts. Each part is a run of its own that goes to the disk
 * unverified, in any order; when all are there, the piece is read back and verified.
 */
import type { PieceIndex } from '../core/geometry.js'
import type { RunStretch } from './open-run.js'
import type { RunGrid } from './run-grid.js'

/** Parts of a piece that are still to be begun, the first of them last. */
interface PartShare {
  readonly parts: number[]
  /** Only this peer begins them: it is on parole, or reads them one after the other. */
  keeper: number | undefined
}

interface PartedPiece {
  readonly index: PieceIndex
  /** The first one takes back what is given up. */
  readonly shares: PartShare[]
  unwrittenCount: number
  readonly sources: Set<number>
  /** Others may help its keeper when they have nothing else to do. */
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
    for (const piece of this.#pieces.values()) if (waitingCount(piece) > 0) return true
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

  begin(index: PieceIndex, keeper: number | undefined, mayBeHelped = true): void {
    const partCount = this.#grid.partCount(index)
    const parts = Array.from({ length: partCount }, (_, part) => partCount - 1 - part)
    const shares = [{ parts, keeper }]
    this.#pieces.set(index, { index, shares, unwrittenCount: partCount, sources: new Set(), mayBeHelped })
  }

  /** The next part of a begun piece that the peer has, and that is kept for `keptFor`, or for nobody. */
  takePart(keptFor: number | undefined, has: (index: number) => boolean): RunStretch | undefined {
    for (const { index, shares } of this.#pieces.values()) {
      const share = shares.find(({ keeper, parts }) => keeper === keptFor && parts.length > 0)
      if (share !== undefined && has(index)) return this.#stretch(index, share.parts.pop()!)
    }
    return undefined
  }

  /** A part of what is kept for somebody else: the far half of it is kept for `helper`, or for nobody, from here on. */
  takeKept(helper: number | undefined, has: (index: number) => boolean): RunStretch | undefined {
    for (const { index, shares, mayBeHelped } of this.#pieces.values()) {
      const share = mayBeHelped && has(index) ? shares.find(({ parts }) => parts.length > 0) : undefined
      if (share === undefined) continue
      const parts = share.parts.splice(0, Math.ceil(share.parts.length / 2))
      shares.push({ parts, keeper: helper })
      return this.#stretch(index, parts.pop()!)
    }
    return undefined
  }

  /** How many parts that are kept for the peer follow on the one that a run holds. */
  countAhead(peer: number, { firstPiece, begin }: RunStretch): number {
    const next = begin / this.#grid.bufferBytes + 1
    const share = this.#pieces
      .get(firstPiece)
      ?.shares.find(({ keeper, parts }) => keeper === peer && parts.at(-1) === next)
    const parts = share?.parts ?? []
    let count = 0
    while (count < parts.length && parts.at(-1 - count) === next + count) count++
    return count
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
    piece.shares[0]!.parts.push(begin / this.#grid.bufferBytes)
    if (waitingCount(piece) < this.#grid.partCount(firstPiece)) return false
    return this.#pieces.delete(firstPiece)
  }

  /** A peer that a piece was kept for has left: anybody may go on with it. */
  release(peer: number): void {
    for (const { shares } of this.#pieces.values()) {
      for (const share of shares) if (share.keeper === peer) share.keeper = undefined
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

function waitingCount({ shares }: PartedPiece): number {
  return shares.reduce((count, { parts }) => count + parts.length, 0)
}
