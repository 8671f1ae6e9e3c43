/**
 * Blocks as they go over the wire, read ahead from disk and kept for whoever asks next. The pool reads them
 * and lays them out as whole `piece` messages; the event loop only hands stretches of them to sockets.
 *
 * Bounded: the images that were used longest ago go when there are too many. One that a socket still sends
 * from is pinned until it is sent; a slow peer pins one. Memory is used again and again.
 */
import { VerifyError } from '../core/errors.js'
import { BLOCK_BYTES, type Geometry, type PieceIndex } from '../core/geometry.js'
import type { PieceStore } from '../storage/piece-store.js'
import { BLOCKS_PER_IMAGE, IMAGE_BYTES, IMAGES_PER_READ } from '../storage/piece-tasks.js'
import type { BlockRequest } from '../wire/messages.js'

/** All that is asked of the storage. */
export type BlockSource = Pick<PieceStore, 'canRead' | 'readBlocks'>

export interface BlockImagesOptions {
  readonly geometry: Geometry
  readonly source: BlockSource
  /** How many images are kept. */
  readonly most: number
}

/** 16 blocks of one piece, each behind its header. */
export interface BlockImage {
  readonly buffer: ArrayBuffer
  /** How many writes of sockets are under way from it. */
  pinCount: number
  isKept: boolean
}

export class BlockImages {
  readonly #geometry: Geometry
  readonly #source: BlockSource
  readonly #most: number
  readonly #imagesPerPiece: number
  /** In the order of their last use. */
  readonly #images = new Map<number, BlockImage>()
  readonly #loading = new Map<number, Promise<void>>()
  readonly #idle: ArrayBuffer[] = []

  constructor({ geometry, source, most }: BlockImagesOptions) {
    this.#geometry = geometry
    this.#source = source
    this.#most = most
    this.#imagesPerPiece = Math.ceil(Math.ceil(geometry.pieceLength / BLOCK_BYTES) / BLOCKS_PER_IMAGE)
  }

  /** The image that the block is in, if it is in memory. */
  get(index: PieceIndex, block: number): BlockImage | undefined {
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

  /** A socket begins to send from the image; {@link unpin} follows. */
  pin(image: BlockImage): void {
    image.pinCount++
  }

  unpin(image: BlockImage): void {
    image.pinCount--
    this.#reuse(image)
  }

  /**
   * Reads the image that the block is in, and those behind it as long as `readers` peers at once leave memory
   * for that. Resolves when `get` will find it. Rejects with StorageError, or with VerifyError when what was
   * stored is not there any more.
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

  async #read(index: PieceIndex, firstImage: number, mostImages: number): Promise<void> {
    const firstBlock = firstImage * BLOCKS_PER_IMAGE
    const blockCount = Math.min(mostImages * BLOCKS_PER_IMAGE, this.#geometry.blockCount(index) - firstBlock)
    const count = Math.ceil(blockCount / BLOCKS_PER_IMAGE)
    const buffers = Array.from({ length: count }, () => this.#idle.pop() ?? new ArrayBuffer(IMAGE_BYTES))
    const { images, outcome } = await this.#source.readBlocks({ index, firstBlock, blockCount }, buffers)
    if (outcome === 'missing') {
      throw new VerifyError('INCOMPLETE', `a file of piece ${index} is gone, or shorter than it was`)
    }
    const key = this.#keyOf(index, firstBlock)
    for (const [at, buffer] of images.entries()) this.#keep(key + at, { buffer, pinCount: 0, isKept: true })
  }

  #keep(key: number, image: BlockImage): void {
    const old = this.#images.get(key)
    if (old !== undefined) this.#drop(key, old)
    this.#images.set(key, image)
    for (const [oldestKey, oldest] of this.#images) {
      if (this.#images.size <= this.#most) return
      this.#drop(oldestKey, oldest)
    }
  }

  #drop(key: number, image: BlockImage): void {
    this.#images.delete(key)
    image.isKept = false
    this.#reuse(image)
  }

  #reuse(image: BlockImage): void {
    if (image.isKept || image.pinCount > 0) return
    if (this.#idle.length < IMAGES_PER_READ * 4) this.#idle.push(image.buffer)
  }

  #keyOf(index: PieceIndex, block: number): number {
    return index * this.#imagesPerPiece + Math.floor(block / BLOCKS_PER_IMAGE)
  }
}
