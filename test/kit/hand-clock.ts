/** Time that stands still until it is moved. */
export class HandClock {
  #nowMs = 0
  #timers: { readonly atMs: number; readonly run: () => void }[] = []
  readonly now = () => this.#nowMs

  readonly after = (delayMs: number, run: () => void) => {
    const timer = { atMs: this.#nowMs + delayMs, run }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  pass(ms: number): void {
    const endMs = this.#nowMs + ms
    for (;;) {
      const due = this.#timers.filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0]
      if (due === undefined) break
      this.#timers = this.#timers.filter((other) => other !== due)
      this.#nowMs = due.atMs
      due.run()
    }
    this.#nowMs = endMs
  }

  get timerCount(): number {
    return this.#timers.length
  }
}
