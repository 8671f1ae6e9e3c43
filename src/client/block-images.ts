/**
 * A torrent's blocks as they go over the wire, read ahead from disk and kept for whoever asks next. The pool reads
 * them and lays them out as whole `piece` messages, in the order in which a peer asked for them; the event loop only
 * hands stretches of them to sockets. Blocks go by their numbers (`Geometry.blockNumber`).
 */
import { VerifyError } from '../core/errors.js'
import type { Geometry, PieceIndex } from '../core/geometry.js'
import type { PieceStore, ReadImages } from '../storage/piece-store.js'
import { BLOCKS_PER_IMAGE, IMAGES_PER_READ } from '../storage/piece-tasks.js'
import { blocksOf, planRead, type ReadView } from '../swarm/read-plan.js'
import type { BlockRequest } from '../wire/messages.js'
import type { BlockImage, ImageShelf } from './image-shelf.js'

/** All that is asked of the storage. */
export type BlockSource = Pick<PieceStore, 'canRead' | 'readBlocks'>

export interface BlockImagesOptions {
  readonly geometry: Geometry
  readonly source: BlockSource
  /** Where images are kept. */
  readonly shelf: ImageShelf
  /** Pieces that are verified and can be read: nothing else is. */
  readonly isReadable: (index: PieceIndex) => boolean
}

export class BlockImages implements ReadView {
  readonly geometry: Geometry
  readonly shelf: ImageShelf
  readonly #source: BlockSource
  readonly #isReadable: (index: PieceIndex) => boolean
  readonly #images = new Map<number, BlockImage>()
  readonly #loading = new Map<number, Promise<void>>()
  /** Counts what makes reads that are under way worthless. */
  #generation = 0

  constructor({ geometry, source, shelf, isReadable }: BlockImagesOptions) {
    this.geometry = geometry
    this.shelf = shelf
    this.#source = source
    this.#isReadable = isReadable
  }

  /** The image that the block is in, if it is in memory. */
  get(block: number): BlockImage | undefined {
    return this.#images.get(block)
  }

  /** Everything that is asked for is in memory. */
  hold(request: BlockRequest): boolean {
    return this.#firstAbsent(request) === undefined
  }

  /**
   * Reads what the first of these requests needs and, in the same task, what the others do and what will probably
   * be asked for next, as far as `readers` peers at once leave memory for that. Resolves when the first block
   * that was absent is in memory. Rejects with StorageError, or with VerifyError when what was stored is not
   * there any more.
   */
  load(requests: readonly BlockRequest[], readers: number): Promise<void> {
    const absent = this.#firstAbsent(requests[0]!)
    const underWay = absent === undefined ? Promise.resolve() : this.#loading.get(absent)
    if (underWay !== undefined) return underWay
    const affordable = Math.max(1, Math.floor(this.shelf.most / (2 * readers)))
    const mostCount = Math.min(IMAGES_PER_READ, affordable) * BLOCKS_PER_IMAGE
    const blocks = planRead(this, requests, mostCount)
    const loading = this.#read(blocks)
    for (const block of blocks) this.#loading.set(block, loading)
    const forget = () => {
      for (const block of blocks) if (this.#loading.get(block) === loading) this.#loading.delete(block)
    }
    loading.then(forget, forget)
    return loading
  }

  /** Gives all memory back; what is on disk may be about to change. */
  clear(): void {
    this.#generation++
    this.#loading.clear()
    for (const image of new Set(this.#images.values())) this.shelf.drop(image)
    this.#images.clear()
  }

  isKnown(block: number): boolean {
    return this.#images.has(block) || this.#loading.has(block)
  }

  isReadable(index: PieceIndex): boolean {
    return this.#isReadable(index)
  }

  #firstAbsent(request: BlockRequest): number | undefined {
    for (const block of blocksOf(this.geometry, request)) if (!this.#images.has(block)) return block
    return undefined
  }

  async #read(blocks: readonly number[]): Promise<void> {
    const generation = this.#generation
    const { images, outcome } = await this.#readImages(blocks)
    if (generation !== this.#generation || outcome === 'missing') {
      for (const buffer of images) this.shelf.takeBack(buffer)
      if (generation !== this.#generation) return
      throw new VerifyError('INCOMPLETE', 'a file is gone, or shorter than it was')
    }
    for (const [at, buffer] of images.entries()) {
      this.#keep(buffer, blocks.slice(at * BLOCKS_PER_IMAGE, (at + 1) * BLOCKS_PER_IMAGE))
    }
  }

  async #readImages(blocks: readonly number[]): Promise<ReadImages> {
    let takenCount = 0
    const take = (count: number) => {
      takenCount = count
      return this.shelf.take(count)
    }
    try {
      return await this.#source.readBlocks(blocks, take)
    } catch (error) {
      this.shelf.lose(takenCount)
      throw error
    }
  }

  #keep(buffer: ArrayBuffer, blocks: readonly number[]): void {
    const evicted = () => {
      for (const block of blocks) this.#images.delete(block)
    }
    const image = this.shelf.keep(buffer, blocks, evicted)
    for (const block of blocks) this.#images.set(block, image)
  }
}
