/** What the uploader knows of one connected peer. */
import { LIMITS } from '../config.js'
import { RateMeter } from '../core/rate-meter.js'
import { UploadQueue } from '../swarm/upload-queue.js'

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
  /** Pieces that it may ask for while it is choked (BEP 6), and for how many blocks. */
  readonly fastBlocks = new Map<number, number>()
  readonly queue = new UploadQueue(LIMITS.requestsQueuedByPeer)
  readonly uploadRate = new RateMeter(RATE_WINDOW_MS)
  readonly downloadRate = new RateMeter(RATE_WINDOW_MS)
}
