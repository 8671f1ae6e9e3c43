/**
 * Decides which blocks are read from disk at once for a peer: those that it has asked for and that are not in
 * memory, in its order, then those that it will probably ask for next. Pure: memory answers its questions.
 */
import type { Geometry, PieceIndex } from '../core/geometry.js'
import type { BlockRequest } from '../wire/messages.js'

/** All that the plan may know. */
export interface ReadView {
  readonly geometry: Geometry
  /** The block of that number is in memory, or on its way there. */
  isKnown(block: number): boolean
  /** The piece is verified, and can be read. */
  isReadable(index: PieceIndex): boolean
}

/** The numbers of at most `mostCount` blocks, in the order in which they will probably be sent. */
export function planRead(view: ReadView, requests: readonly BlockRequest[], mostCount: number): number[] {
  const planned: number[] = []
  for (const request of requests) {
    for (const block of blocksOf(view.geometry, request)) {
      if (planned.length < mostCount && !view.isKnown(block) && !planned.includes(block)) planned.push(block)
    }
  }
  readAhead(view, planned, mostCount)
  return planned
}

/** The numbers of the blocks that the request touches: one, as a rule. */
export function* blocksOf(geometry: Geometry, { index, begin, length }: BlockRequest): Generator<number> {
  const last = geometry.blockNumber(index as PieceIndex, begin + length - 1)
  for (let block = geometry.blockNumber(index as PieceIndex, begin); block <= last; block++) yield block
}

/**
 * Goes on behind the last block to the end of its piece, which is what peers ask for next; and into the pieces
 * behind it as far as there is memory of what came before it. Peers that ask for small pieces one after another
 * so get reads that double, and those that ask for any piece get that piece alone.
 */
function readAhead(view: ReadView, planned: number[], mostCount: number): void {
  const { geometry } = view
  const last = planned.at(-1)
  if (last === undefined) return
  const pieceStart = geometry.pieceOfBlock(last) * geometry.blocksPerPiece
  const pieceEnd = pieceStart + geometry.blocksPerPiece
  const reach = knownBefore(pieceStart, mostCount, (block) => planned.includes(block) || view.isKnown(block))
  const end = Math.min(pieceEnd + reach, geometry.blockNumberEnd)
  for (let block = last + 1; block < end && planned.length < mostCount; block++) {
    if (planned.includes(block) || view.isKnown(block) || !view.isReadable(geometry.pieceOfBlock(block)))
      return
    planned.push(block)
  }
}

/** How many blocks in front of this one are known, without a gap. */
function knownBefore(block: number, mostCount: number, isKnown: (block: number) => boolean): number {
  let count = 0
  while (count < mostCount && count < block && isKnown(block - count - 1)) count++
  return count
}
