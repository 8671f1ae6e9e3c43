/** Lets so many at once do something; the others wait for their turn, first come, first served. */
import { setTimeout as delay } from 'node:timers/promises'

export class Turns {
  #freeCount: number
  readonly #leastMs: number
  readonly #waiting: (() => void)[] = []

  /** `leastMs`: who is done sooner keeps his turn for so long, so that turns do not follow each other too fast. */
  constructor(count: number, leastMs = 0) {
    this.#freeCount = count
    this.#leastMs = leastMs
  }

  /** Rejects with what `work` rejects with. A turn whose signal is aborted is over when its work is. */
  async run<Result>(work: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    if (this.#freeCount > 0) this.#freeCount--
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    const rest = this.#leastMs === 0 ? undefined : this.#rest(signal)
    try {
      return await work()
    } finally {
      if (rest === undefined) this.#pass()
      else void rest.then(() => this.#pass())
    }
  }

  /** Never rejects. */
  #rest(signal: AbortSignal | undefined): Promise<void> {
    return delay(this.#leastMs, undefined, signal === undefined ? {} : { signal }).catch(() => {})
  }

  #pass(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#freeCount++
    else next()
  }
}
