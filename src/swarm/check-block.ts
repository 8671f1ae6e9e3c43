/** Whether a block that came can be one of the torrent, before anything is done with it. */
import { PeerError } from '../core/errors.js'
import { BLOCK_BYTES, type Geometry, type PieceIndex } from '../core/geometry.js'
import type { BlockPart } from '../wire/messages.js'

/** The block's piece. Throws PeerError when we cannot have asked for it: UNKNOWN_PIECE or BAD_MESSAGE. */
export function checkBlock(geometry: Geometry, part: BlockPart): PieceIndex {
  const index = geometry.toPieceIndex(part.index)
  if (index === undefined) throw new PeerError('UNKNOWN_PIECE', `a block of piece ${part.index}`)
  const isAligned = part.begin % BLOCK_BYTES === 0 && part.begin < geometry.pieceBytes(index)
  if (!isAligned || part.length !== geometry.blockBytes(index, part.begin)) {
    throw new PeerError('BAD_MESSAGE', `a block of ${part.length} bytes at ${part.begin} in piece ${index}`)
  }
  return index
}
