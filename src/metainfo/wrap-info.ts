/**
 * Puts an info dict back into a .torrent (BEP 3), byte for byte, because its hash names the torrent; and
 * takes it out again.
 */
import { createHash } from 'node:crypto'
import { LIMITS } from '../config.js'
import { BencodeError } from '../core/bencode/bencode-error.js'
import { encodeBencode } from '../core/bencode/encode-bencode.js'
import { scanBencode } from '../core/bencode/scan-bencode.js'
import type { InfoHash, Metainfo } from './metainfo.js'

/** What is in front of an info dict and behind it. */
export const WRAPPING_BYTES = 4_000_000

export function wrapInfo(metainfo: Pick<Metainfo, 'infoBytes' | 'trackers' | 'webSeeds'>): Uint8Array {
  const trackers = metainfo.trackers.flat()
  const { webSeeds } = metainfo
  const before = encodeBencode({
    announce: trackers[0],
    'announce-list': trackers.length > 1 ? metainfo.trackers : undefined,
  })
  const after = encodeBencode({ 'url-list': webSeeds.length > 0 ? webSeeds : undefined })
  // Of both dictionaries only the entries: `info` comes between them in the order of the keys.
  return Buffer.concat([before.subarray(0, -1), Buffer.from('4:info'), metainfo.infoBytes, after.subarray(1)])
}

/** The info dict of that hash in a .torrent; undefined for any other bytes. */
export function unwrapInfo(torrent: Uint8Array, infoHash: InfoHash): Uint8Array | undefined {
  const span = findInfo(torrent)
  if (span === undefined) return undefined
  const infoBytes = torrent.slice(span.start, span.end)
  return createHash('sha1').update(infoBytes).digest().equals(infoHash.bytes) ? infoBytes : undefined
}

function findInfo(torrent: Uint8Array) {
  try {
    return scanBencode(torrent, { depth: LIMITS.bencodeDepth, tokens: LIMITS.bencodeTokens }, 'info').wanted
  } catch (error) {
    if (error instanceof BencodeError) return undefined
    throw error
  }
}
