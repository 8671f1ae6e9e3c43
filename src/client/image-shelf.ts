/**
 * The memory for images of blocks, shared by all torrents of a client and used again and again: `most` images,
 * those being read and those being sent included. Where there is none left, the one whose last use is longest ago
 * makes room, whosever it is; but never one that a socket still sends from. A slow peer pins one, so that only
 * more slow peers than images take more than `most`.
 */
import { IMAGE_BYTES, IMAGES_PER_READ } from '../storage/piece-tasks.js'

/** Up to 16 blocks, each behind its header. */
export interface BlockImage {
  readonly buffer: ArrayBuffer
  /** The numbers of its blocks, in their order. */
  readonly blocks: readonly number[]
  /** How many writes of sockets are under way from it. */
  pinCount: number
  isKept: boolean
  /** Called when its place was needed for another. */
  readonly evicted: () => void
}

/** Buffers kept for the next reads. */
const MOST_IDLE = 4 * IMAGES_PER_READ

export class ImageShelf {
  /** In the order of their last use. */
  readonly #kept = new Set<BlockImage>()
  readonly #idle: ArrayBuffer[] = []
  /** All buffers that there are. */
  #count = 0

  /** @param most how many images there may be */
  constructor(readonly most: number) {}

  /** For a read: {@link keep} or {@link takeBack} follows for each, or {@link lose}. They hold old contents. */
  take(count: number): ArrayBuffer[] {
    return Array.from({ length: count }, () => this.#idle.pop() ?? this.#make())
  }

  keep(buffer: ArrayBuffer, blocks: readonly number[], evicted: () => void): BlockImage {
    const image = { buffer, blocks, pinCount: 0, isKept: true, evicted }
    this.#kept.add(image)
    return image
  }

  /** Nobody has use for it any more. */
  drop(image: BlockImage): void {
    this.#kept.delete(image)
    image.isKept = false
    this.#reuse(image)
  }

  /** Somebody has use for it. */
  touch(image: BlockImage): void {
    if (this.#kept.delete(image)) this.#kept.add(image)
  }

  /** A socket begins to send from the image; {@link unpin} follows. */
  pin(image: BlockImage): void {
    image.pinCount++
    this.touch(image)
  }

  unpin(image: BlockImage): void {
    image.pinCount--
    this.#reuse(image)
  }

  /** The buffer of a read that was in vain. */
  takeBack(buffer: ArrayBuffer): void {
    if (this.#count <= this.most && this.#idle.length < MOST_IDLE) this.#idle.push(buffer)
    else this.#count--
  }

  /** So many buffers will not come back. */
  lose(count: number): void {
    this.#count -= count
  }

  #make(): ArrayBuffer {
    if (this.#count >= this.most) this.#evictOne()
    const idle = this.#idle.pop()
    if (idle === undefined) this.#count++
    return idle ?? new ArrayBuffer(IMAGE_BYTES)
  }

  #evictOne(): void {
    for (const image of this.#kept) {
      if (image.pinCount > 0) continue
      this.drop(image)
      image.evicted()
      return
    }
  }

  #reuse(image: BlockImage): void {
    if (!image.isKept && image.pinCount === 0) this.takeBack(image.buffer)
  }
}
