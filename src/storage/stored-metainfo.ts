/** What storage needs to know of a torrent. */
import type { PieceIndex } from '../core/geometry.js'
import type { Metainfo } from '../metainfo/metainfo.js'
import { SHA1_BYTES } from './piece-tasks.js'

export type StoredMetainfo = Pick<Metainfo, 'geometry' | 'files' | 'pieceHashes' | 'infoHash'>

/** The SHA-1 of each piece, one after another, in memory of their own so that a task carries nothing else. */
export function hashesOf({ pieceHashes }: StoredMetainfo, pieces: readonly PieceIndex[]): Uint8Array {
  const hashes = new Uint8Array(pieces.length * SHA1_BYTES)
  for (const [place, index] of pieces.entries()) {
    hashes.set(pieceHashes.subarray(index * SHA1_BYTES, (index + 1) * SHA1_BYTES), place * SHA1_BYTES)
  }
  return hashes
}
