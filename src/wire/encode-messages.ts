/** Values to bytes: the messages that we send (BEP 3, BEP 6, BEP 10). */
import { type BlockRequest, MESSAGE_ID } from './messages.js'

export const KEEP_ALIVE = Buffer.alloc(4)
export const CHOKE = flag(MESSAGE_ID.choke)
export const UNCHOKE = flag(MESSAGE_ID.unchoke)
export const INTERESTED = flag(MESSAGE_ID.interested)
export const NOT_INTERESTED = flag(MESSAGE_ID.notInterested)
export const HAVE_ALL = flag(MESSAGE_ID.haveAll)
export const HAVE_NONE = flag(MESSAGE_ID.haveNone)

const REQUEST_BYTES = 17

/** All requests in one buffer: one write however many they are. */
export function encodeRequests(requests: readonly BlockRequest[]): Buffer {
  return encodeEach(MESSAGE_ID.request, requests)
}

export function encodeCancels(requests: readonly BlockRequest[]): Buffer {
  return encodeEach(MESSAGE_ID.cancel, requests)
}

/** These will not be served (BEP 6). */
export function encodeRejects(requests: readonly BlockRequest[]): Buffer {
  return encodeEach(MESSAGE_ID.reject, requests)
}

/** One `have` for each piece, in one buffer. */
export function encodeHaves(indices: readonly number[]): Buffer {
  return encodeIndices(MESSAGE_ID.have, indices)
}

/** Pieces that the peer may ask for while it is choked (BEP 6). */
export function encodeAllowedFast(indices: readonly number[]): Buffer {
  return encodeIndices(MESSAGE_ID.allowedFast, indices)
}

function encodeIndices(id: number, indices: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(indices.length * 9)
  let at = 0
  for (const index of indices) {
    at = bytes.writeUInt32BE(5, at)
    at = bytes.writeUInt8(id, at)
    at = bytes.writeUInt32BE(index, at)
  }
  return bytes
}

export function encodeBitfield(field: Uint8Array): Buffer {
  return withBody(MESSAGE_ID.bitfield, field)
}

/** Where our DHT node is to be asked (BEP 5). */
export function encodePort(port: number): Buffer {
  return withBody(MESSAGE_ID.port, Buffer.of(port >> 8, port & 0xff))
}

/** An extension message: id 0 is the extension handshake, the others are those that the peer named in its own. */
export function encodeExtended(id: number, payload: Uint8Array): Buffer {
  return withBody(MESSAGE_ID.extended, Buffer.concat([Buffer.of(id), payload]))
}

function encodeEach(id: number, requests: readonly BlockRequest[]): Buffer {
  const bytes = Buffer.allocUnsafe(requests.length * REQUEST_BYTES)
  let at = 0
  for (const request of requests) {
    at = bytes.writeUInt32BE(13, at)
    at = bytes.writeUInt8(id, at)
    at = bytes.writeUInt32BE(request.index, at)
    at = bytes.writeUInt32BE(request.begin, at)
    at = bytes.writeUInt32BE(request.length, at)
  }
  return bytes
}

function withBody(id: number, body: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(5 + body.length)
  bytes.writeUInt32BE(1 + body.length, 0)
  bytes[4] = id
  bytes.set(body, 5)
  return bytes
}

function flag(id: number): Buffer {
  return Buffer.from([0, 0, 0, 1, id])
}
