/** How long the pieces of a torrent that is made should be, and may be. Pure. */
import { LIMITS } from '../config.js'

const KIB = 1024
const MIB = 1024 * KIB

/** What can be asked for: powers of two, which every client takes. */
export const PIECE_LENGTHS = { least: 16 * KIB, most: 256 * MIB } as const

/** Enough pieces for many peers to trade in, and few enough for a .torrent of some 40 KB. */
const PIECE_COUNT = 2048
/** Larger pieces make peers wait long for the first that they can pass on. */
const COMFORTABLE = 16 * MIB
/** So that hashes take at most 8 MB of the 10 that a .torrent may have. */
const MOST_PIECES = (0.8 * LIMITS.torrentFileBytes) / 20

/**
 * The piece length in bytes for a payload of this size: 16 KiB up to 32 MiB of payload, 1 MiB up to 2 GiB,
 * 16 MiB from 16 GiB on.
 */
export function choosePieceLength(totalBytes: number): number {
  let length: number = PIECE_LENGTHS.least
  while (length < COMFORTABLE && totalBytes > length * PIECE_COUNT) length *= 2
  while (length < PIECE_LENGTHS.most && totalBytes > length * MOST_PIECES) length *= 2
  return length
}

export function isPieceLength(length: number): boolean {
  return length >= PIECE_LENGTHS.least && length <= PIECE_LENGTHS.most && Number.isInteger(Math.log2(length))
}
