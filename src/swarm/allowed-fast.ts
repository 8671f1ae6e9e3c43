/**
 * The pieces that a peer may ask for while it is choked (BEP 6): the same few for all peers of one network, so that
 * many addresses gain nothing, and enough for a newcomer to have something to trade.
 */
import { createHash } from 'node:crypto'

/** BEP 6 names ten as a typical number. */
export const ALLOWED_COUNT = 10

export interface AllowedFastParts {
  /** The peer's address; only IPv4 is defined. */
  readonly ip: Uint8Array
  readonly infoHash: Uint8Array
  readonly pieceCount: number
}

/** Piece numbers, in the order of BEP 6. Empty for anything but IPv4. */
export function allowedFastSet(parts: AllowedFastParts, count: number = ALLOWED_COUNT): number[] {
  const { ip, infoHash, pieceCount } = parts
  if (ip.length !== 4) return []
  const allowed = new Set<number>()
  const most = Math.min(count, pieceCount)
  let digest: Uint8Array = new Uint8Array([...ip.subarray(0, 3), 0, ...infoHash])
  while (allowed.size < most) {
    digest = createHash('sha1').update(digest).digest()
    const words = new DataView(digest.buffer, digest.byteOffset, digest.length)
    for (let at = 0; at < 20 && allowed.size < most; at += 4) allowed.add(words.getUint32(at) % pieceCount)
  }
  return [...allowed]
}
