/**
 * Sends requests: asks the scheduler what a peer should be asked for, within the rate limits, and remembers
 * who got less than it had room for. When memory becomes free those come first, the longest waiting before
 * the others.
 */
import type { Clock } from '../core/clock.js'
import { BLOCK_BYTES } from '../core/geometry.js'
import type { TokenBucket } from '../core/token-bucket.js'
import type { ArenaShare } from '../swarm/arena.js'
import type { BlockScheduler } from '../swarm/block-scheduler.js'
import type { DownloadPeer } from '../swarm/download-peer.js'
import type { BlockRequest } from '../wire/messages.js'

/** Whoever can be asked for blocks: a connected peer, or a connection to a web seed. */
export interface Asker {
  readonly peer: DownloadPeer
  /** It would send now what it is asked for. */
  readonly mayBeAsked: boolean
  ask(requests: readonly BlockRequest[]): void
}

export interface RequestPumpParts {
  readonly clock: Clock
  readonly scheduler: BlockScheduler
  readonly arena: ArenaShare
  /** All of them must have tokens: the client's and the torrent's own. */
  readonly buckets: readonly TokenBucket[]
}

export class RequestPump {
  readonly #clock: Clock
  readonly #scheduler: BlockScheduler
  readonly #arena: ArenaShare
  readonly #buckets: readonly TokenBucket[]
  /** Peers that wait for memory, the longest waiting first. */
  readonly #hungry = new Set<Asker>()
  #isThrottled = false

  constructor(parts: RequestPumpParts) {
    this.#clock = parts.clock
    this.#scheduler = parts.scheduler
    this.#arena = parts.arena
    this.#buckets = parts.buckets
  }

  /** A rate limit held requests back since the last {@link refillAll}. */
  get isThrottled(): boolean {
    return this.#isThrottled
  }

  refill(asker: Asker): void {
    const { peer } = asker
    if (!asker.mayBeAsked) return this.forget(asker)
    const nowMs = this.#clock.now()
    const mostBytes = Math.min(...this.#buckets.map((bucket) => bucket.available(nowMs)))
    const requests = this.#scheduler.request(peer, Math.floor(mostBytes / BLOCK_BYTES), nowMs)
    if (mostBytes < BLOCK_BYTES) this.#isThrottled = true
    if (requests.length > 0) {
      let bytes = 0
      for (const { length } of requests) bytes += length
      for (const bucket of this.#buckets) bucket.take(bytes)
      asker.ask(requests)
    }
    if (this.#arena.isHungry && peer.window.room > 0) this.#hungry.add(asker)
  }

  /** Memory has become free. */
  refillHungry(): void {
    for (const asker of this.#hungry) {
      this.#hungry.delete(asker)
      this.refill(asker)
      if (this.#hungry.has(asker)) return
    }
  }

  /** Something that any peer may take up has changed. */
  refillAll(askers: Iterable<Asker>): void {
    this.#isThrottled = false
    this.refillMore(askers)
  }

  /** After {@link refillAll}: those who come after the others. */
  refillMore(askers: Iterable<Asker>): void {
    for (const asker of askers) if (asker.peer.window.wantsRefill) this.refill(asker)
  }

  /** It takes nothing now. When nobody else waits for memory, other torrents need not leave us any. */
  forget(asker: Asker): void {
    this.#hungry.delete(asker)
    if (this.#hungry.size === 0) this.#arena.rest()
  }
}
