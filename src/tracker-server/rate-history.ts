/** How busy the tracker was: one rate per step of time, the oldest making room for the newest. */
export class RateHistory {
  readonly #rates: Float64Array
  #count = 0
  #lastTotal = 0
  #lastMs: number

  constructor(length: number, nowMs: number) {
    this.#rates = new Float64Array(length)
    this.#lastMs = nowMs
  }

  /** Takes a total that only grows; the rate is per second since the last time. */
  add(total: number, nowMs: number): void {
    const seconds = (nowMs - this.#lastMs) / 1000
    if (seconds <= 0) return
    this.#rates[this.#count++ % this.#rates.length] = (total - this.#lastTotal) / seconds
    this.#lastTotal = total
    this.#lastMs = nowMs
  }

  /** Oldest first. */
  rates(): number[] {
    const { length } = this.#rates
    const start = Math.max(0, this.#count - length)
    return Array.from({ length: this.#count - start }, (_, at) => this.#rates[(start + at) % length]!)
  }
}
