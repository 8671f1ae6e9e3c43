/**
 * Blocks as they go over the wire, read ahead from disk and kept for whoever asks next. The pool reads them
 * and lays them out as whole `piece` messages; the event loop only hands stretches of them to sockets.
 *
 * Bounded: the images that were used longest ago go when there are too many, and what a slow peer still has
 * in its socket pins one image.
 */
import { BLOCK_BYTES, type Geometry, type PieceIndex } from '../core/geometry.js'
import { BLOCKS_PER_IMAGE, IMAGES_PER_READ } from '../wire/block-image.js'
import type { BlockRequest } from '../wire/messages.js'

/** All that is asked of the storage. */
export interface BlockSource {
  /** Whole blocks of one piece as images, read at once. Rejects with StorageError. */
  readBlocks(index: PieceIndex, firstBlock: number, blockCount: number): Promise<readonly ArrayBuffer[]>
}

export interface BlockImagesOptions {
  readonly geometry: Geometry
  readonly source: BlockSource
  /** How many images are kept. */
  readonly most: number
}

export class BlockImages {
  readonly #geometry: Geometry
  readonly #source: BlockSource
  readonly #most: number
  readonly #imagesPerPiece: number
  /** In the order of their last use. */
  readonly #images = new Map<number, ArrayBuffer>()
  readonly #loading = new Map<number, Promise<void>>()

  constructor({ geometry, source, most }: BlockImagesOptions) {
    this.#geometry = geometry
    this.#source = source
    this.#most = most
    this.#imagesPerPiece = Math.ceil(Math.ceil(geometry.pieceLength / BLOCK_BYTES) / BLOCKS_PER_IMAGE)
  }

  /** The image that the block is in, if it is in memory. */
  get(index: PieceIndex, block: number): ArrayBuffer | undefined {
    const key = this.#keyOf(index, block)
    const image = this.#images.get(key)
    if (image === undefined) return undefined
    this.#images.delete(key)
    this.#images.set(key, image)
    return image
  }

  /** The first block of the request whose image is not in memory. */
  firstAbsent({ index, begin, length }: BlockRequest): number | undefined {
    const last = Math.floor((begin + length - 1) / BLOCK_BYTES)
    for (let block = Math.floor(begin / BLOCK_BYTES); block <= last; block++) {
      if (this.get(index as PieceIndex, block) === undefined) return block
    }
    return undefined
  }

  /**
   * Reads the image that the block is in, and those behind it as long as `readers` peers at once leave memory
   * for that. Resolves when `get` will find it; rejects with StorageError.
   */
  load(index: PieceIndex, block: number, readers: number): Promise<void> {
    const key = this.#keyOf(index, block)
    const underWay = this.#loading.get(key)
    if (underWay !== undefined) return underWay
    const count = Math.max(1, Math.min(IMAGES_PER_READ, Math.floor(this.#most / (2 * readers))))
    const loading = this.#read(index, Math.floor(block / BLOCKS_PER_IMAGE), count)
    for (let at = 0; at < count; at++) this.#loading.set(key + at, loading)
    const forget = () => {
      for (let at = 0; at < count; at++)
        if (this.#loading.get(key + at) === loading) this.#loading.delete(key + at)
    }
    loading.then(forget, forget)
    return loading
  }

  clear(): void {
    this.#images.clear()
  }

  async #read(index: PieceIndex, image: number, count: number): Promise<void> {
    const firstBlock = image * BLOCKS_PER_IMAGE
    const blockCount = Math.min(count * BLOCKS_PER_IMAGE, this.#geometry.blockCount(index) - firstBlock)
    const images = await this.#source.readBlocks(index, firstBlock, blockCount)
    const key = this.#keyOf(index, firstBlock)
    for (const [at, bytes] of images.entries()) this.#images.set(key + at, bytes)
    for (const oldest of this.#images.keys()) {
      if (this.#images.size <= this.#most) return
      this.#images.delete(oldest)
    }
  }

  #keyOf(index: PieceIndex, block: number): number {
    return index * this.#imagesPerPiece + Math.floor(block / BLOCKS_PER_IMAGE)
  }
}
