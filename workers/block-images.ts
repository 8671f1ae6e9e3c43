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
  RUN_FIELDS,
} from '../src/storage/piece-tasks.js'

/** Writes the header of each block, and gives the place of each payload, in order. */
export function layOutBlocks({ buffers, runs }: Pick<ReadTask, 'buffers' | 'runs'>): Uint8Array[] {
  const payloads: Uint8Array[] = []
  const images = buffers.map((buffer) => new DataView(buffer))
  for (let at = 0; at < runs.length; at += RUN_FIELDS) {
    const begin = runs[at + 1]!
    const end = begin + runs[at + 2]!
    for (let from = begin; from < end; from += BLOCK_BYTES) {
      const image = images[Math.floor(payloads.length / BLOCKS_PER_IMAGE)]!
      const offset = (payloads.length % BLOCKS_PER_IMAGE) * MESSAGE_BYTES
      const blockBytes = Math.min(BLOCK_BYTES, end - from)
      writeHeader(image, offset, { index: runs[at]!, begin: from, blockBytes })
      payloads.push(new Uint8Array(image.buffer, offset + BLOCK_HEADER_BYTES, blockBytes))
    }
  }
  return payloads
}

function writeHeader(
  image: DataView,
  offset: number,
  block: { readonly index: number; readonly begin: number; readonly blockBytes: number },
): void {
  image.setUint32(offset, BLOCK_HEADER_BYTES - LENGTH_BYTES + block.blockBytes)
  image.setUint8(offset + 4, BLOCK_MESSAGE_ID)
  image.setUint32(offset + 5, block.index)
  image.setUint32(offset + 9, block.begin)
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
