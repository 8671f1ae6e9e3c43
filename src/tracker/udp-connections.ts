/**
 * The connections to UDP trackers, all torrents of a client together (BEP 15): a question is sent with a
 * connection id, which proves to the tracker that our address is not forged. One is asked for when there is
 * none, shared by all who ask the same tracker, and used for a minute.
 *
 * A silent tracker is asked again after 15 s, 30 s, 60 s ... (see LIMITS), and one whose name has several addresses at
 * the next of them after two. Meanwhile nothing waits for it: the announcer goes on to the next tracker as soon.
 */
import { LIMITS } from '../config.js'
import { type Clock, systemClock } from '../core/clock.js'
import { TrackerError } from '../core/errors.js'
import type { Resolver } from '../net/look-up.js'
import { mostTelling } from './most-telling.js'
import { resolveTracker, type UdpTracker } from './resolve-tracker.js'
import { type ConnectionId, connectQuestion, readConnectAnswer, type UdpQuestion } from './udp-packets.js'
import { type After, afterDelay, type UdpAddress, UdpSockets } from './udp-sockets.js'

export interface UdpConnectionsOptions {
  readonly clock?: Clock
  readonly after?: After
  /** The system's. */
  readonly resolver?: Resolver
}

/** A question for {@link UdpConnections.ask}. */
export interface UdpExchange<Answer> {
  question(connection: ConnectionId): UdpQuestion
  /** Throws a TrackerError for an answer that is none. */
  read(packet: Buffer): Answer
}

export class UdpConnections {
  readonly #clock: Clock
  readonly #after: After
  readonly #resolver: Resolver | undefined
  readonly #sockets: UdpSockets
  /** By what {@link keyOf} says of the tracker. */
  readonly #connections = new Map<string, Connecting>()

  constructor(options: UdpConnectionsOptions = {}) {
    this.#clock = options.clock ?? systemClock
    this.#after = options.after ?? afterDelay
    this.#resolver = options.resolver
    this.#sockets = new UdpSockets(this.#after)
  }

  /** Rejects with a TrackerError, `TIMEOUT` after the last of the waits, or with the signal's reason. */
  async ask<Answer>(
    tracker: UdpTracker,
    exchange: UdpExchange<Answer>,
    signal: AbortSignal,
  ): Promise<Answer> {
    for (let sends = 1; ; sends++) {
      const waitMs = LIMITS.udpTrackerWaitMs * 2 ** (sends - 1)
      try {
        return await this.#askOnce(tracker, exchange, { waitMs, signal })
      } catch (error) {
        const isSilent = error instanceof TrackerError && error.code === 'TIMEOUT'
        if (!isSilent || sends === LIMITS.udpTrackerSends) throw error
      }
    }
  }

  /** Fails what is under way and closes the sockets. */
  close(): Promise<void> {
    return this.#sockets.close()
  }

  /** A tracker that has restarted refuses the id that it gave before: that is no refusal of the question. */
  async #askOnce<Answer>(tracker: UdpTracker, exchange: UdpExchange<Answer>, wait: Wait): Promise<Answer> {
    const key = keyOf(tracker)
    const known = this.#connections.get(key)
    const isReused = known !== undefined && known.expiresAtMs !== Number.POSITIVE_INFINITY
    try {
      return await this.#exchange(tracker, exchange, wait)
    } catch (error) {
      const isRefused = error instanceof TrackerError && error.code === 'REFUSED'
      if (!isRefused || !isReused || this.#connections.get(key) !== known) throw error
      this.#connections.delete(key)
      return await this.#exchange(tracker, exchange, wait)
    }
  }

  async #exchange<Answer>(tracker: UdpTracker, exchange: UdpExchange<Answer>, wait: Wait): Promise<Answer> {
    const { id, address } = await untilAborted(this.#connection(tracker, wait.waitMs), wait.signal)
    const packet = await this.#sockets.ask(address, exchange.question(id), wait)
    return exchange.read(packet)
  }

  /** The one there is, or a new one. It is shared, so it ends with no caller's signal but by its own wait. */
  #connection(tracker: UdpTracker, waitMs: number): Promise<Connection> {
    this.#forgetExpired()
    const key = keyOf(tracker)
    const known = this.#connections.get(key)
    if (known !== undefined) return known.made
    const connecting: Connecting = {
      made: this.#connect(tracker, waitMs),
      expiresAtMs: Number.POSITIVE_INFINITY,
    }
    this.#connections.set(key, connecting)
    connecting.made.then(
      () => {
        connecting.expiresAtMs = this.#clock.now() + CONNECTION_LIFE_MS
      },
      () => {
        if (this.#connections.get(key) === connecting) this.#connections.delete(key)
      },
    )
    return connecting.made
  }

  /**
   * To the first address that answers: each is asked when those before have failed, or have been silent for a
   * while.
   */
  async #connect(tracker: UdpTracker, waitMs: number): Promise<Connection> {
    const addresses = await resolveTracker(tracker, this.#resolver)
    const connected = new AbortController()
    const wait = { waitMs, signal: connected.signal }
    const attempts: Promise<Connection>[] = []
    try {
      for (const address of addresses) {
        const first = attempts.length === 0 ? undefined : await this.#soonest(attempts, wait.signal)
        if (first !== undefined) return first
        attempts.push(this.#connectTo(address, wait))
      }
      return await Promise.any(attempts)
    } catch (error) {
      throw mostTelling((error as AggregateError).errors)
    } finally {
      connected.abort()
    }
  }

  async #connectTo(address: UdpAddress, wait: Wait): Promise<Connection> {
    return { id: readConnectAnswer(await this.#sockets.ask(address, connectQuestion(), wait)), address }
  }

  /** Undefined when all have failed, or none has answered in time. */
  #soonest(attempts: readonly Promise<Connection>[], signal: AbortSignal): Promise<Connection | undefined> {
    const pause = new Promise<undefined>((resolve) => {
      const cancel = this.#after(NEXT_ADDRESS_MS, () => resolve(undefined))
      signal.addEventListener('abort', cancel)
    })
    return Promise.race([Promise.any(attempts), pause]).catch(() => undefined)
  }

  #forgetExpired(): void {
    const nowMs = this.#clock.now()
    for (const [key, { expiresAtMs }] of this.#connections) {
      if (expiresAtMs <= nowMs) this.#connections.delete(key)
    }
  }
}

interface Connection {
  readonly id: ConnectionId
  readonly address: UdpAddress
}

interface Connecting {
  readonly made: Promise<Connection>
  /** Infinity until it is made. */
  expiresAtMs: number
}

interface Wait {
  readonly waitMs: number
  readonly signal: AbortSignal
}

const CONNECTION_LIFE_MS = 60_000
/** Without an answer for so long, the next address of the name is tried as well. */
const NEXT_ADDRESS_MS = 2_000

/** Who may go to private addresses does not take others there. */
function keyOf({ url, family, mayBePrivate }: UdpTracker): string {
  return `${url.host} ${family} ${mayBePrivate}`
}

/** Lets go of the promise at the signal, without ending what it stands for. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort)
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
