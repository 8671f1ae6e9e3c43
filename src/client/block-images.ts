/**
 * A torrent's blocks as they go over the wire, read ahead from disk and kept for whoever asks next. The pool reads
 * them and lays them out as whole `piece` messages; the event loop only hands stretches of them to sockets.
 */
import { VerifyError } from '../core/errors.js'
import { BLOCK_BYTES, type Geometry, type PieceIndex } from '../core/geometry.js'
import type { PieceStore } from '../storage/piece-store.js'
import { BLOCKS_PER_IMAGE, IMAGES_PER_READ } from '../storage/piece-tasks.js'
import type { BlockRequest } from '../wire/messages.js'
import type { BlockImage, ImageShelf } from './image-shelf.js'

/** All that is asked of the storage. */
export type BlockSource = Pick<PieceStore, 'canRead' | 'readBlocks'>

export interface BlockImagesOptions {
  readonly geometry: Geometry
  readonly source: BlockSource
  /** Where images are kept. */
  readonly shelf: ImageShelf
}

export class BlockImages {
  readonly shelf: ImageShelf
  readonly #geometry: Geometry
  readonly #source: BlockSource
  readonly #imagesPerPiece: number
  readonly #images = new Map<number, BlockImage>()
  readonly #loading = new Map<number, Promise<void>>()
  /** Counts what makes reads that are under way worthless. */
  #generation = 0

  constructor({ geometry, source, shelf }: BlockImagesOptions) {
    this.shelf = shelf
    this.#geometry = geometry
    this.#source = source
    this.#imagesPerPiece = Math.ceil(Math.ceil(geometry.pieceLength / BLOCK_BYTES) / BLOCKS_PER_IMAGE)
  }

  /** The image that the block is in, if it is in memory. */
  get(index: PieceIndex, block: number): BlockImage | undefined {
    const image = this.#images.get(this.#keyOf(index, block))
    if (image !== undefined) this.shelf.touch(image)
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
   * Reads the image that the block is in, and those behind it in its piece as long as `readers` peers at once
   * leave memory for that. Resolves when `get` will find it. Rejects with StorageError, or with VerifyError when
   * what was stored is not there any more.
   */
  load(index: PieceIndex, block: number, readers: number): Promise<void> {
    const key = this.#keyOf(index, block)
    const underWay = this.#loading.get(key)
    if (underWay !== undefined) return underWay
    const firstBlock = block - (block % BLOCKS_PER_IMAGE)
    const inPiece = Math.ceil((this.#geometry.blockCount(index) - firstBlock) / BLOCKS_PER_IMAGE)
    const affordable = Math.max(1, Math.floor(this.shelf.most / (2 * readers)))
    const count = Math.min(IMAGES_PER_READ, inPiece, affordable)
    const loading = this.#read(index, firstBlock, count)
    for (let at = 0; at < count; at++) this.#loading.set(key + at, loading)
    const forget = () => {
      for (let at = 0; at < count; at++)
        if (this.#loading.get(key + at) === loading) this.#loading.delete(key + at)
    }
    loading.then(forget, forget)
    return loading
  }

  /** Gives all memory back; what is on disk may be about to change. */
  clear(): void {
    this.#generation++
    this.#loading.clear()
    for (const image of this.#images.values()) this.shelf.drop(image)
    this.#images.clear()
  }

  async #read(index: PieceIndex, firstBlock: number, imageCount: number): Promise<void> {
    const generation = this.#generation
    const blockCount = Math.min(imageCount * BLOCKS_PER_IMAGE, this.#geometry.blockCount(index) - firstBlock)
    const stretch = { index, firstBlock, blockCount }
    const { images, outcome } = await this.#source.readBlocks(stretch, this.shelf.buffers(imageCount))
    if (generation !== this.#generation) {
      for (const buffer of images) this.shelf.takeBack(buffer)
      return
    }
    if (outcome === 'missing') {
      throw new VerifyError('INCOMPLETE', `a file of piece ${index} is gone, or shorter than it was`)
    }
    const key = this.#keyOf(index, firstBlock)
    for (const [at, buffer] of images.entries()) this.#keep(key + at, buffer)
  }

  #keep(key: number, buffer: ArrayBuffer): void {
    const old = this.#images.get(key)
    if (old !== undefined) this.shelf.drop(old)
    this.#images.set(
      key,
      this.shelf.keep(buffer, () => this.#images.delete(key)),
    )
  }

  #keyOf(index: PieceIndex, block: number): number {
    return index * this.#imagesPerPiece + Math.floor(block / BLOCKS_PER_IMAGE)
  }
}
