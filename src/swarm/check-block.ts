/** Whether a block that came, or was refused, can be one of the torrent, before anything is done with it. */
import { PeerError } from '../core/errors.js'
import { BLOCK_BYTES, type Geometry, type PieceIndex } from '../core/geometry.js'
import type { BlockRequest } from '../wire/messages.js'

/** The block's piece. Throws PeerError when we cannot have asked for it: UNKNOWN_PIECE or BAD_MESSAGE. */
export function checkBlock(geometry: Geometry, block: BlockRequest): PieceIndex {
  const index = geometry.toPieceIndex(block.index)
  if (index === undefined) throw new PeerError('UNKNOWN_PIECE', `a block of piece ${block.index}`)
  const isAligned = block.begin % BLOCK_BYTES === 0 && block.begin < geometry.pieceBytes(index)
  if (!isAligned || block.length !== geometry.blockBytes(index, block.begin)) {
    throw new PeerError('BAD_MESSAGE', `a block of ${block.length} bytes at ${block.begin} in piece ${index}`)
  }
  return index
}
