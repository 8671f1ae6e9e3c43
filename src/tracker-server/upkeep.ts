/**
 * What a tracker does by itself: peers expire, changed lists are read, rates are noted, the state is saved.
 * One tick, of which no part takes long: the loop belongs to the announces.
 */
import type { AnnounceDesk } from './announce-desk.js'
import type { ListFiles } from './list-files.js'
import type { RateHistory } from './rate-history.js'
import type { SnapshotTimes } from './snapshot.js'
import type { StateFile } from './state-file.js'
import type { SwarmRegistry } from './swarm-registry.js'

export interface UpkeepParts {
  readonly registry: SwarmRegistry
  readonly desk: AnnounceDesk
  readonly lists: ListFiles
  readonly state: StateFile | undefined
  readonly history: RateHistory
  /** Of all announces so far. */
  readonly announceCount: () => number
  readonly times: () => SnapshotTimes
  readonly nowMs: () => number
  readonly onNotice: (text: string) => void
}

const TICK_MS = 1_000
/** In ticks. */
const LISTS_EVERY = 2
const SAVE_EVERY = 120
export const RATE_STEP_SECONDS = 10
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
    const { desk, lists, state, history, announceCount, times, nowMs } = this.#parts
    this.#ticks++
    desk.tick(times().nowSeconds)
    this.#expire()
    if (this.#ticks % LISTS_EVERY === 0) this.#report(lists.read({ all: false }))
    if (this.#ticks % RATE_STEP_SECONDS === 0) history.add(announceCount(), nowMs())
    if (this.#ticks % SAVE_EVERY === 0 && state !== undefined) this.#report(state.save(times()))
  }

  /** When many go at once, announces are served between the rounds. */
  #expire(): void {
    clearImmediate(this.#expiring)
    const isMore = this.#parts.registry.expire(this.#parts.times().nowSeconds, EXPIRED_AT_ONCE)
    if (isMore) this.#expiring = setImmediate(() => this.#expire())
  }

  #report(work: Promise<void>): void {
    work.catch((error: Error) => this.#parts.onNotice(error.message))
  }
}
