/** Reads images the way a peer would. */
import assert from 'node:assert/strict'
import { BLOCK_BYTES } from '../../src/core/geometry.js'
import { BLOCK_HEADER_BYTES } from '../../src/storage/piece-tasks.js'
import { FrameDecoder } from '../../src/wire/frame-decoder.js'
import { encodeHandshake } from '../../src/wire/handshake.js'

export interface ParsedBlock {
  readonly index: number
  readonly begin: number
  readonly bytes: Uint8Array
}

/** The blocks in images that hold so many bytes of payload. Nothing but whole blocks may be in them. */
export function parsedImages(images: readonly ArrayBuffer[], payloadBytes: number): ParsedBlock[] {
  const headerBytes = Math.ceil(payloadBytes / BLOCK_BYTES) * BLOCK_HEADER_BYTES
  const wire = Buffer.concat(images.map((image) => Buffer.from(image)))
  const decoder = new FrameDecoder(1024 * 1024)
  decoder.push(encodeHandshake(new Uint8Array(20), new Uint8Array(20)))
  return decoder.push(wire.subarray(0, headerBytes + payloadBytes)).map((message) => {
    assert.equal(message.type, 'block')
    const { index, begin, length, offset, bytes } = message
    assert.deepEqual([offset, bytes.length], [0, length])
    return { index, begin, bytes }
  })
}
