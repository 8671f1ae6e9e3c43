/**
 * What a process of the tracker does by itself: time passes for its swarms, and chores are done every so
 * often. One tick a second, of which no part takes long: the loop belongs to the announces.
 */
import type { AnnounceDesk } from './announce-desk.js'
import type { SwarmRegistry } from './swarm-registry.js'

export interface Chore {
  readonly everySeconds: number
  readonly run: () => void | Promise<void>
}

export interface UpkeepParts {
  readonly registry: SwarmRegistry
  readonly desk: AnnounceDesk
  readonly nowSeconds: () => number
  readonly chores: readonly Chore[]
  /** A chore that did not work. */
  readonly onNotice: (text: string) => void
}

const TICK_MS = 1_000
/** A few milliseconds' worth. */
const EXPIRED_AT_ONCE = 5_000

export class Upkeep {
  readonly #parts: UpkeepParts
  readonly #timer: NodeJS.Timeout
  #expiring: NodeJS.Immediate | undefined
  #ticks = 0

  constructor(parts: UpkeepParts) {
    this.#parts = parts
    this.#timer = setInterval(() => this.#tick(), TICK_MS)
  }

  stop(): void {
    clearInterval(this.#timer)
    clearImmediate(this.#expiring)
  }

  #tick(): void {
    const { desk, nowSeconds, chores } = this.#parts
    this.#ticks++
    desk.tick(nowSeconds())
    this.#expire()
    for (const { everySeconds, run } of chores) {
      if (this.#ticks % everySeconds === 0) this.#report(run)
    }
  }

  /** When many go at once, announces are served between the rounds. */
  #expire(): void {
    clearImmediate(this.#expiring)
    const isMore = this.#parts.registry.expire(this.#parts.nowSeconds(), EXPIRED_AT_ONCE)
    if (isMore) this.#expiring = setImmediate(() => this.#expire())
  }

  #report(run: Chore['run']): void {
    run()?.catch((error: Error) => this.#parts.onNotice(error.message))
  }
}
