/** The URL of an HTTP announce (BEP 3, with `compact` of BEP 23). Pure. */
import type { AnnounceRequest } from './announce.js'

/** Keeps the query that the tracker's URL already has (passkeys live there) and drops its fragment. */
export function announceUrl(tracker: URL, request: AnnounceRequest): URL {
  const url = new URL(tracker)
  url.hash = ''
  const query = announceQuery(request)
  url.search = url.search === '' ? query : `${url.search}&${query}`
  return url
}

function announceQuery(request: AnnounceRequest): string {
  const fields = [
    `info_hash=${percentEncode(request.infoHash)}`,
    `peer_id=${percentEncode(request.peerId)}`,
    `port=${request.port}`,
    `uploaded=${request.uploaded}`,
    `downloaded=${request.downloaded}`,
    `left=${request.left}`,
    'compact=1',
    `numwant=${request.numWant}`,
    `key=${request.key}`,
  ]
  if (request.event !== undefined) fields.push(`event=${request.event}`)
  if (request.trackerId !== undefined) fields.push(`trackerid=${percentEncode(request.trackerId)}`)
  return fields.join('&')
}

/** Byte by byte: these are hashes and ids, no text. */
function percentEncode(bytes: Uint8Array): string {
  let encoded = ''
  for (const byte of bytes) {
    const letter = String.fromCharCode(byte)
    encoded += UNRESERVED.test(letter) ? letter : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return encoded
}

const UNRESERVED = /[A-Za-z0-9._~-]/
