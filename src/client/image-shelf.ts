/**
 * The memory for images of blocks, shared by all torrents of a client: those that were used longest ago go when
 * there are too many, whosever they are. One that a socket still sends from is pinned, and its memory stays as it
 * is until that is over; a slow peer pins one. Memory is used again and again.
 */
import { IMAGE_BYTES, IMAGES_PER_READ } from '../storage/piece-tasks.js'

/** 16 blocks of one piece, each behind its header. */
export interface BlockImage {
  readonly buffer: ArrayBuffer
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

  /** @param most how many images are kept */
  constructor(readonly most: number) {}

  /** For an image, or more of them. They hold old contents. */
  buffers(count: number): ArrayBuffer[] {
    return Array.from({ length: count }, () => this.#idle.pop() ?? new ArrayBuffer(IMAGE_BYTES))
  }

  keep(buffer: ArrayBuffer, evicted: () => void): BlockImage {
    const image = { buffer, pinCount: 0, isKept: true, evicted }
    this.#kept.add(image)
    const [oldest] = this.#kept
    if (this.#kept.size > this.most && oldest !== undefined) {
      this.drop(oldest)
      oldest.evicted()
    }
    return image
  }

  /** Somebody has use for it. */
  touch(image: BlockImage): void {
    this.#kept.delete(image)
    this.#kept.add(image)
  }

  drop(image: BlockImage): void {
    this.#kept.delete(image)
    image.isKept = false
    this.#reuse(image)
  }

  /** A socket begins to send from the image; {@link unpin} follows. */
  pin(image: BlockImage): void {
    image.pinCount++
  }

  unpin(image: BlockImage): void {
    image.pinCount--
    this.#reuse(image)
  }

  /** The buffer of a read that was in vain. */
  takeBack(buffer: ArrayBuffer): void {
    if (this.#idle.length < MOST_IDLE) this.#idle.push(buffer)
  }

  #reuse(image: BlockImage): void {
    if (!image.isKept && image.pinCount === 0) this.takeBack(image.buffer)
  }
}
