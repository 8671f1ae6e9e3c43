/**
 * Lays blocks out in images (see piece-tasks.ts): writes the headers and tells where the payload goes.
 */
import { BLOCK_BYTES } from '../src/core/geometry.js'
import {
  BLOCK_HEADER_BYTES,
  BLOCK_MESSAGE_ID,
  BLOCKS_PER_IMAGE,
  MESSAGE_BYTES,
  type ReadTask,
} from '../src/storage/piece-tasks.js'

/** Writes the header of each block, and gives the place of each payload, in order. */
export function layOutBlocks({ buffers, pieceIndex, begin, length }: ReadTask): Uint8Array[] {
  const payloads: Uint8Array[] = []
  const images = buffers.map((buffer) => new DataView(buffer))
  for (let at = 0; at < length; at += BLOCK_BYTES) {
    const nth = at / BLOCK_BYTES
    const image = images[Math.floor(nth / BLOCKS_PER_IMAGE)]!
    const offset = (nth % BLOCKS_PER_IMAGE) * MESSAGE_BYTES
    const blockBytes = Math.min(BLOCK_BYTES, length - at)
    image.setUint32(offset, BLOCK_HEADER_BYTES - LENGTH_BYTES + blockBytes)
    image.setUint8(offset + 4, BLOCK_MESSAGE_ID)
    image.setUint32(offset + 5, pieceIndex)
    image.setUint32(offset + 9, begin + at)
    payloads.push(new Uint8Array(image.buffer, offset + BLOCK_HEADER_BYTES, blockBytes))
  }
  return payloads
}

/** The length says how much follows it. */
const LENGTH_BYTES = 4

/** A run of bytes that lie in several places, given away from the front. */
export class Places {
  #next = 0

  constructor(readonly places: Uint8Array[]) {}

  /** The next so many bytes, as parts of the places. */
  take(length: number): Uint8Array[] {
    const taken: Uint8Array[] = []
    let left = length
    while (left > 0) {
      const place = this.places[this.#next]!
      taken.push(place.length <= left ? place : place.subarray(0, left))
      if (place.length <= left) this.#next++
      else this.places[this.#next] = place.subarray(left)
      left -= Math.min(left, place.length)
    }
    return taken
  }
}
