/** Turns requests into the bytes that answer them, out of images that are in memory. */
import { BLOCK_BYTES, type Geometry, type PieceIndex } from '../core/geometry.js'
import { BLOCK_HEADER_BYTES, MESSAGE_BYTES } from '../storage/piece-tasks.js'
import type { UploadQueue } from '../swarm/upload-queue.js'
import type { BlockRequest } from '../wire/messages.js'
import { MESSAGE_ID } from '../wire/messages.js'
import type { BlockImages } from './block-images.js'
import type { BlockImage } from './image-shelf.js'

export interface EncodedBlocks {
  readonly bytes: Uint8Array
  /** Without the headers. */
  readonly payloadBytes: number
  /** What `bytes` is a view of; undefined when it is a copy. */
  readonly image: BlockImage | undefined
}

/** What programs ask for, and what images hold: a block as the geometry has it. */
export function isWholeBlock(geometry: Geometry, { index, begin, length }: BlockRequest): boolean {
  return begin % BLOCK_BYTES === 0 && length === geometry.blockBytes(index as PieceIndex, begin)
}

/** Takes the first request, a whole block, and those that its image holds right behind it: a view, no copy. */
export function viewBlocks(images: BlockImages, queue: UploadQueue, mostCount: number): EncodedBlocks {
  const { geometry } = images
  const first = numberOf(geometry, queue.peek()!)
  const image = images.get(first)!
  const place = image.blocks.indexOf(first)
  let count = 0
  let payloadBytes = 0
  // What comes behind a short block does not follow it without a gap.
  while (count < mostCount && payloadBytes === count * BLOCK_BYTES) {
    const request = queue.peek(count)
    if (request === undefined || !isWholeBlock(geometry, request)) break
    if (numberOf(geometry, request) !== image.blocks[place + count]) break
    payloadBytes += request.length
    count++
  }
  queue.serve(count)
  const bytes = new Uint8Array(image.buffer, place * MESSAGE_BYTES, count * BLOCK_HEADER_BYTES + payloadBytes)
  return { bytes, payloadBytes, image }
}

/** Takes the first request, whatever it asks for, and copies its answer together. */
export function copyBlocks(images: BlockImages, queue: UploadQueue): EncodedBlocks {
  const { index, begin, length } = queue.peek()!
  queue.serve(1)
  const bytes = Buffer.allocUnsafe(BLOCK_HEADER_BYTES + length)
  bytes.writeUInt32BE(BLOCK_HEADER_BYTES - 4 + length, 0)
  bytes[4] = MESSAGE_ID.block
  bytes.writeUInt32BE(index, 5)
  bytes.writeUInt32BE(begin, 9)
  for (let done = 0; done < length; ) {
    const at = begin + done
    const block = images.geometry.blockNumber(index as PieceIndex, at)
    const image = images.get(block)!
    images.shelf.touch(image)
    const inBlock = at % BLOCK_BYTES
    const count = Math.min(length - done, BLOCK_BYTES - inBlock)
    const start = image.blocks.indexOf(block) * MESSAGE_BYTES + BLOCK_HEADER_BYTES + inBlock
    bytes.set(new Uint8Array(image.buffer, start, count), BLOCK_HEADER_BYTES + done)
    done += count
  }
  return { bytes, payloadBytes: length, image: undefined }
}

function numberOf(geometry: Geometry, { index, begin }: BlockRequest): number {
  return geometry.blockNumber(index as PieceIndex, begin)
}
