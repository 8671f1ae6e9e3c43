/** Turns requests into the bytes that answer them, out of images that are in memory. */
import { BLOCK_BYTES, type Geometry, type PieceIndex } from '../core/geometry.js'
import { BLOCK_HEADER_BYTES, BLOCKS_PER_IMAGE } from '../storage/piece-tasks.js'
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

/** Takes the first request, a whole block, and those that continue it in the same image: a view, no copy. */
export function viewBlocks(
  images: BlockImages,
  queue: UploadQueue,
  limits: { readonly mostCount: number; readonly isWhole: (request: BlockRequest) => boolean },
): EncodedBlocks {
  const { index, begin } = queue.peek()!
  const firstBlock = begin / BLOCK_BYTES
  const place = firstBlock % BLOCKS_PER_IMAGE
  const image = images.get(index as PieceIndex, firstBlock)!
  const imageEnd = (firstBlock - place + BLOCKS_PER_IMAGE) * BLOCK_BYTES
  const { count, payloadBytes } = queue.takeConsecutive(imageEnd, limits.mostCount, limits.isWhole)
  const from = place * (BLOCK_HEADER_BYTES + BLOCK_BYTES)
  const bytes = new Uint8Array(image.buffer, from, count * BLOCK_HEADER_BYTES + payloadBytes)
  return { bytes, payloadBytes, image }
}

/** Takes the first request, whatever it asks for, and copies its answer together. */
export function copyBlocks(images: BlockImages, queue: UploadQueue): EncodedBlocks {
  const { index, begin, length } = queue.shift()!
  const bytes = Buffer.allocUnsafe(BLOCK_HEADER_BYTES + length)
  bytes.writeUInt32BE(BLOCK_HEADER_BYTES - 4 + length, 0)
  bytes[4] = MESSAGE_ID.block
  bytes.writeUInt32BE(index, 5)
  bytes.writeUInt32BE(begin, 9)
  for (let done = 0; done < length; ) {
    const at = begin + done
    const block = Math.floor(at / BLOCK_BYTES)
    const image = new Uint8Array(images.get(index as PieceIndex, block)!.buffer)
    const from = (block % BLOCKS_PER_IMAGE) * (BLOCK_HEADER_BYTES + BLOCK_BYTES) + BLOCK_HEADER_BYTES
    const count = Math.min(length - done, BLOCK_BYTES - (at % BLOCK_BYTES))
    const start = from + (at % BLOCK_BYTES)
    bytes.set(image.subarray(start, start + count), BLOCK_HEADER_BYTES + done)
    done += count
  }
  return { bytes, payloadBytes: length, image: undefined }
}
