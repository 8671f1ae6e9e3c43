/** Blocks that nobody asked for, and such as cannot be. */
import { BLOCK_BYTES, type Geometry, type PieceIndex } from '../../../src/core/geometry.js'
import type { BlockPart } from '../../../src/wire/messages.js'

/** A whole block, of wrong bytes. */
export function strayPart(geometry: Geometry, amount: number): BlockPart {
  const index = (amount % geometry.pieceCount) as PieceIndex
  const begin = (amount % geometry.blockCount(index)) * BLOCK_BYTES
  const length = geometry.blockBytes(index, begin)
  const bytes = new Uint8Array(length).fill(amount)
  return { type: 'block', index, begin, length, offset: 0, bytes }
}

/** One that the torrent does not have. */
export function impossiblePart(geometry: Geometry, amount: number): BlockPart {
  const part = strayPart(geometry, amount)
  const wrong = [
    { ...part, index: geometry.pieceCount },
    { ...part, begin: part.begin + 1 },
    { ...part, begin: geometry.blockCount(part.index as PieceIndex) * BLOCK_BYTES },
    { ...part, length: part.length + 1 },
  ]
  return wrong[amount % wrong.length]!
}
