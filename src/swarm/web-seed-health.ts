/** Whether a web seed may be asked now, later or never again, by how it has behaved. Pure: time is an argument. */
import type { Random } from '../core/clock.js'
import type { WebSeedError, WebSeedFault } from '../core/errors.js'

const FIRST_PAUSE_MS = 1_000
const LAST_PAUSE_MS = 300_000
/** After so many failures in a row it counts as gone, though it is still tried now and then. */
const GONE_AFTER_FAILURES = 5
/** Something on the way may have spoiled an answer of one that has been of use, but not so many in a row. */
const MOST_BAD_RESPONSES = 3

/** What waiting does not cure. */
const LASTING_FAULTS: ReadonlySet<WebSeedFault> = new Set([
  'FORBIDDEN_ADDRESS',
  'NOT_FOUND',
  'HTTP_STATUS',
  'TOO_MANY_REDIRECTS',
  'WRONG_LENGTH',
  'NO_RANGES',
  'CORRUPT_PIECE',
])

export class WebSeedHealth {
  readonly #random: Random
  #failures = 0
  #hasDelivered = false
  #dueMs = Number.NEGATIVE_INFINITY
  #isDropped = false

  constructor(random: Random) {
    this.#random = random
  }

  /** It is never asked again. */
  get isDropped(): boolean {
    return this.#isDropped
  }

  /** It has failed so often that nobody should wait for it. */
  get isGone(): boolean {
    return this.#isDropped || this.#failures >= GONE_AFTER_FAILURES
  }

  mayBeAsked(nowMs: number): boolean {
    return !this.#isDropped && nowMs >= this.#dueMs
  }

  /** It has brought something of use. */
  delivered(): void {
    this.#failures = 0
    this.#hasDelivered = true
  }

  failed(error: WebSeedError, nowMs: number): void {
    // Connections that break while it rests were open before: together they are one failure.
    if (this.mayBeAsked(nowMs)) this.#failures++
    if (LASTING_FAULTS.has(error.code) || this.#isNonsense(error.code)) this.#isDropped = true
    const pauseMs = Math.min(LAST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#failures)
    const waitMs = error.retryAfterMs ?? pauseMs * (0.75 + this.#random() / 2)
    // A server that says "now" to everybody would be asked a thousand times a second.
    this.#dueMs = nowMs + Math.max(FIRST_PAUSE_MS, waitMs)
  }

  #isNonsense(code: WebSeedFault): boolean {
    return code === 'BAD_RESPONSE' && (!this.#hasDelivered || this.#failures >= MOST_BAD_RESPONSES)
  }
}
