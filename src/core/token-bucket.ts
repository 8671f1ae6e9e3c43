/**
 * A rate limit: tokens trickle in at a steady rate up to a small burst, and whoever wants to go on takes as
 * many as it needs. No timers: the time is an argument.
 */
export class TokenBucket {
  readonly #perMs: number
  readonly #most: number
  #tokens: number
  #filledMs: number

  /** Infinity means no limit. The bucket starts full. */
  constructor(perSecond: number, burst: number, nowMs: number) {
    this.#perMs = perSecond / 1000
    this.#most = burst
    this.#tokens = burst
    this.#filledMs = nowMs
  }

  /** How many can be taken now. */
  available(nowMs: number): number {
    if (this.#perMs === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY
    this.#tokens = Math.min(this.#most, this.#tokens + (nowMs - this.#filledMs) * this.#perMs)
    this.#filledMs = nowMs
    return Math.max(0, Math.floor(this.#tokens))
  }

  /** Takes tokens. More than are available is a debt: nothing is available until that much has trickled in. */
  take(count: number): void {
    this.#tokens -= count
  }
}
