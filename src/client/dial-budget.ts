/** How fast and how many connections may be begun, all torrents together: routers drop what comes in floods. */
import { LIMITS } from '../config.js'
import { TokenBucket } from '../core/token-bucket.js'

export class DialBudget {
  readonly #perSecond: TokenBucket
  #halfOpen = 0

  constructor(nowMs: number) {
    this.#perSecond = new TokenBucket(LIMITS.connectsPerSecond, LIMITS.connectsPerSecond, nowMs)
  }

  /** True when a connection may be begun now. */
  hasRoom(nowMs: number): boolean {
    return this.#halfOpen < LIMITS.halfOpen && this.#perSecond.available(nowMs) >= 1
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
