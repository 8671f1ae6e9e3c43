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
import { encodeRequests } from '../wire/encode-messages.js'
import type { Connection } from './connection.js'

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
  readonly #hungry = new Set<Connection>()
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

  refill(connection: Connection): void {
    const { peer, session } = connection
    if (!peer.isWilling || session.phase !== 'open') return
    const nowMs = this.#clock.now()
    const mostBytes = Math.min(...this.#buckets.map((bucket) => bucket.available(nowMs)))
    const requests = this.#scheduler.request(peer, Math.floor(mostBytes / BLOCK_BYTES), nowMs)
    if (mostBytes < BLOCK_BYTES) this.#isThrottled = true
    if (requests.length > 0) {
      session.send(encodeRequests(requests))
      for (const bucket of this.#buckets) bucket.take(requests.length * BLOCK_BYTES)
    }
    if (this.#arena.isHungry && peer.window.room > 0) this.#hungry.add(connection)
  }

  /** Memory has become free. */
  refillHungry(): void {
    for (const connection of this.#hungry) {
      this.#hungry.delete(connection)
      this.refill(connection)
      if (this.#hungry.has(connection)) return
    }
  }

  /** Something that any peer may take up has changed. */
  refillAll(connections: Iterable<Connection>): void {
    this.#isThrottled = false
    for (const connection of connections) if (connection.peer.window.wantsRefill) this.refill(connection)
  }

  forget(connection: Connection): void {
    this.#hungry.delete(connection)
  }
}
