/** Reads images the way a peer would. */
import assert from 'node:assert/strict'
import { BLOCK_HEADER_BYTES, BLOCKS_PER_IMAGE, MESSAGE_BYTES } from '../../src/storage/piece-tasks.js'
import { FrameDecoder } from '../../src/wire/frame-decoder.js'
import { encodeHandshake } from '../../src/wire/handshake.js'

export interface ParsedBlock {
  readonly index: number
  readonly begin: number
  readonly bytes: Uint8Array
}

/** The blocks in images, of which these are the lengths. Nothing but whole messages may be in their places. */
export function parsedImages(images: readonly ArrayBuffer[], lengths: readonly number[]): ParsedBlock[] {
  const messages = lengths.map((length, nth) => {
    const place = (nth % BLOCKS_PER_IMAGE) * MESSAGE_BYTES
    const image = images[Math.floor(nth / BLOCKS_PER_IMAGE)]!
    return new Uint8Array(image, place, BLOCK_HEADER_BYTES + length)
  })
  const decoder = new FrameDecoder(1024 * 1024)
  decoder.push(encodeHandshake(new Uint8Array(20), new Uint8Array(20)))
  return decoder.push(Buffer.concat(messages)).map((message) => {
    assert.equal(message.type, 'block')
    const { index, begin, length, offset, bytes } = message
    assert.deepEqual([offset, bytes.length], [0, length])
    return { index, begin, bytes }
  })
}
