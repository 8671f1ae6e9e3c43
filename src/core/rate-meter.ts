/** An average rate over the last few seconds, from a running total that is looked at now and then. */
export class RateMeter {
  readonly #windowMs: number
  /** Times and totals of the looks within the window, oldest first. */
  readonly #looks: { readonly ms: number; readonly total: number }[] = []

  constructor(windowMs: number) {
    this.#windowMs = windowMs
  }

  /** Notes the total; totals never shrink. */
  look(total: number, nowMs: number): void {
    this.#looks.push({ ms: nowMs, total })
    while (this.#looks.length > 2 && this.#looks[1]!.ms <= nowMs - this.#windowMs) this.#looks.shift()
  }

  /** There is something to tell a rate from. */
  get isKnown(): boolean {
    return this.#looks.length > 1
  }

  get perSecond(): number {
    const first = this.#looks[0]
    const last = this.#looks.at(-1)
    if (first === undefined || last === undefined || last.ms <= first.ms) return 0
    return ((last.total - first.total) * 1000) / (last.ms - first.ms)
  }
}
