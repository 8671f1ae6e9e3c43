/** How fast and how many connections may be begun, all torrents together: routers drop what comes in floods. */
import { LIMITS } from '../config.js'
import { TokenBucket } from '../core/token-bucket.js'

export class DialBudget {
  readonly #perSecond: TokenBucket
  #halfOpen = 0
  #memberCount = 0

  constructor(nowMs: number) {
    this.#perSecond = new TokenBucket(LIMITS.connectsPerSecond, LIMITS.connectsPerSecond, nowMs)
  }

  /** A torrent begins to dial, or has ended. */
  join(): void {
    this.#memberCount++
  }

  leave(): void {
    this.#memberCount--
  }

  /** How many connections one torrent may have half open. */
  get fairPart(): number {
    return Math.ceil(LIMITS.halfOpen / Math.max(1, this.#memberCount))
  }

  /** True when a torrent that has so many connections half open may begin another. */
  hasRoom(nowMs: number, ownHalfOpen: number): boolean {
    if (this.#halfOpen >= LIMITS.halfOpen || ownHalfOpen >= this.fairPart) return false
    return this.#perSecond.available(nowMs) >= 1
  }

  /** A connection is being made; `ended` must follow. */
  begun(): void {
    this.#perSecond.take(1)
    this.#halfOpen++
  }

  /** A connection that was begun is made, or has failed. */
  ended(): void {
    this.#halfOpen--
  }
}
