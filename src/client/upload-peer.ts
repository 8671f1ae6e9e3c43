/** What the uploader knows of one connected peer. */
import { LIMITS } from '../config.js'
import { RateMeter } from '../core/rate-meter.js'
import { UploadQueue } from '../swarm/upload-queue.js'
import type { BlockRequest } from '../wire/messages.js'

/** A choker looks at what happened since about two of its rounds. */
const RATE_WINDOW_MS = 20_000

export class UploadPeer {
  amChoking = true
  /** When it was last unchoked, in clock milliseconds. */
  unchokedMs = Number.NEGATIVE_INFINITY
  /** Payload bytes sent. */
  uploadedBytes = 0
  /** An image that it needs is being read. */
  isReading = false
  readonly queue = new UploadQueue(LIMITS.requestsQueuedByPeer)
  readonly uploadRate = new RateMeter(RATE_WINDOW_MS)
  readonly downloadRate = new RateMeter(RATE_WINDOW_MS)
  /** Pieces that it may ask for while it is choked (BEP 6), and how many bytes of each. */
  readonly #allowedBytes = new Map<number, number>()

  get hasAllowance(): boolean {
    return this.#allowedBytes.size > 0
  }

  allow(index: number, bytes: number): void {
    this.#allowedBytes.set(index, bytes)
  }

  /** It asks while it is choked. False when that is not allowed, or not any more. */
  takeAllowed({ index, length }: BlockRequest): boolean {
    const leftBytes = this.#allowedBytes.get(index) ?? 0
    if (leftBytes < length) return false
    this.#allowedBytes.set(index, leftBytes - length)
    return true
  }
}
