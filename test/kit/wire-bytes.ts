/** Frames as BEP 3 lays them out, written by hand: what our own encoder makes is checked against them. */
import { HANDSHAKE_BYTES } from '../../src/wire/handshake.js'

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** A 4-byte length, the id, and the body. */
export function frame(id: number, ...body: readonly Uint8Array[]): Buffer {
  const rest = Buffer.concat([Buffer.of(id), ...body])
  return Buffer.concat([uint32(rest.length), rest])
}

export function blockFrame(index: number, begin: number, payload: Uint8Array): Buffer {
  return frame(7, uint32(index), uint32(begin), payload)
}

/** Byte 19, the name of the protocol, 8 reserved bytes, 20 of info hash and 20 of peer id. */
export function handshakeBytes(
  infoHash: Uint8Array = new Uint8Array(20).fill(0x11),
  peerId: Uint8Array = new Uint8Array(20).fill(0x22),
): Buffer {
  const bytes = Buffer.concat([
    Buffer.of(19),
    Buffer.from('BitTorrent protocol', 'latin1'),
    Buffer.alloc(8),
    infoHash,
    peerId,
  ])
  if (bytes.length !== HANDSHAKE_BYTES) throw new RangeError('an info hash and a peer id have 20 bytes each')
  return bytes
}
