/** The first 68 bytes in each direction (BEP 3): protocol name, capabilities, info hash, peer id. */
import { PeerError } from '../core/errors.js'
import type { Handshake } from './messages.js'

export const HANDSHAKE_BYTES = 68

const PROTOCOL = Buffer.from('\x13BitTorrent protocol', 'latin1')
const RESERVED_AT = 20
const INFO_HASH_AT = 28
const PEER_ID_AT = 48

/** Reserved byte 5, bit 0x10: the sender speaks the extension protocol (BEP 10). */
const EXTENSION_BYTE = 5
const EXTENSION_BIT = 0x10

/** Reserved byte 7, bit 0x04: the sender speaks the fast extension (BEP 6). */
const FAST_BYTE = 7
const FAST_BIT = 0x04

/** Reserved byte 7, bit 0x01: the sender has a node in the DHT (BEP 5). */
const DHT_BYTE = 7
const DHT_BIT = 0x01

export function encodeHandshake(infoHash: Uint8Array, peerId: Uint8Array, isInDht = false): Buffer {
  const bytes = Buffer.alloc(HANDSHAKE_BYTES)
  PROTOCOL.copy(bytes)
  bytes[RESERVED_AT + EXTENSION_BYTE] = EXTENSION_BIT
  bytes[RESERVED_AT + FAST_BYTE] = FAST_BIT
  if (isInDht) bytes[RESERVED_AT + DHT_BYTE]! |= DHT_BIT
  bytes.set(infoHash, INFO_HASH_AT)
  bytes.set(peerId, PEER_ID_AT)
  return bytes
}

/** Whether a stream that begins with these bytes is not encrypted; undefined while there are too few to tell. */
export function beginsPlainly(bytes: Buffer): boolean | undefined {
  const start = bytes.subarray(0, PROTOCOL.length)
  if (!start.equals(PROTOCOL.subarray(0, start.length))) return false
  return start.length === PROTOCOL.length ? true : undefined
}

/** From exactly 68 bytes, which are copied. Throws PeerError BAD_HANDSHAKE when it is another protocol. */
export function decodeHandshake(bytes: Buffer): Handshake {
  if (!bytes.subarray(0, PROTOCOL.length).equals(PROTOCOL)) {
    throw new PeerError('BAD_HANDSHAKE', 'the peer speaks another protocol')
  }
  const copy = Uint8Array.from(bytes)
  return {
    type: 'handshake',
    reserved: copy.subarray(RESERVED_AT, INFO_HASH_AT),
    infoHash: copy.subarray(INFO_HASH_AT, PEER_ID_AT),
    peerId: copy.subarray(PEER_ID_AT, HANDSHAKE_BYTES),
  }
}

export function speaksExtensions(handshake: Handshake): boolean {
  return (handshake.reserved[EXTENSION_BYTE]! & EXTENSION_BIT) !== 0
}

export function speaksFast(handshake: Handshake): boolean {
  return (handshake.reserved[FAST_BYTE]! & FAST_BIT) !== 0
}

export function hasDht(handshake: Handshake): boolean {
  return (handshake.reserved[DHT_BYTE]! & DHT_BIT) !== 0
}
