import { LIMITS } from '../../src/config.js'
import { BLOCK_BYTES } from '../../src/core/geometry.js'
import { encodeHaves } from '../../src/wire/encode-messages.js'
import { FrameDecoder } from '../../src/wire/frame-decoder.js'
import { HANDSHAKE_BYTES } from '../../src/wire/handshake.js'
import { MESSAGE_ID } from '../../src/wire/messages.js'
import type { MicroSuite } from '../micro-suite.js'

/** As much as one read of a busy socket brings. */
const READ_BYTES = 256 * 1024

/** Bytes in, messages out, cut the way a socket cuts them. */
export function frameDecoderSuite(): MicroSuite {
  const blocks = Buffer.concat(Array.from({ length: 64 }, (_, i) => blockFrame(i)))
  const haves = encodeHaves(Array.from({ length: 20_000 }, (_, i) => i))
  return {
    tasks: [
      { name: '1 MiB of blocks, read by 256 KiB', bytes: blocks.length, run: decoding(blocks, READ_BYTES) },
      { name: '1 MiB of blocks, read by 1,460 bytes', bytes: blocks.length, run: decoding(blocks, 1_460) },
      { name: '20,000 have messages', bytes: haves.length, run: decoding(haves, READ_BYTES) },
    ],
  }
}

function blockFrame(index: number): Buffer {
  const frame = Buffer.alloc(13 + BLOCK_BYTES)
  frame.writeUInt32BE(9 + BLOCK_BYTES)
  frame[4] = MESSAGE_ID.block
  frame.writeUInt32BE(index, 5)
  return frame
}

function decoding(wire: Buffer, readBytes: number): () => number {
  const reads: Buffer[] = []
  for (let at = 0; at < wire.length; at += readBytes) reads.push(wire.subarray(at, at + readBytes))
  const decoder = new FrameDecoder(LIMITS.wireMessageBytes)
  for (const _ of decoder.push(handshake()));
  return () => {
    let messages = 0
    for (const read of reads) for (const _ of decoder.push(read)) messages++
    return messages
  }
}

function handshake(): Buffer {
  const bytes = Buffer.alloc(HANDSHAKE_BYTES)
  bytes.write('\x13BitTorrent protocol', 'latin1')
  return bytes
}
