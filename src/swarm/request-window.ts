/**
 * How many blocks one peer is asked for at once, and which. The window is what the peer delivers during the
 * delay of a request, twice over, and a margin for our own event loop: enough that its pipe never runs dry,
 * and no more, because every requested byte is reserved in memory.
 *
 * The delay is the least that was seen, because the window itself adds to it by making requests wait in line.
 * When answers take longer for a second than such a line explains, the way has become longer, and the delay
 * follows.
 *
 * A new peer starts small and gains a block for each block that comes (so the window doubles in each round
 * trip) until the rate that was measured says enough.
 */
import { BLOCK_BYTES } from '../core/geometry.js'

const INITIAL_BLOCKS = 8
const LEAST_BLOCKS = 2
/** Time that requests wait for our own event loop, in milliseconds. */
const MARGIN_MS = 150
/** The weight of the newest interval in the rate. */
const RATE_WEIGHT = 0.5
/** So long must answers have taken longer than expected. */
const LONGER_FOR_MS = 1_000
/** The most that rounding the window up to whole blocks may explain. */
const ROUNDING_MS = 100
/** What takes longer is a peer that is slow, whose window must not grow for it. */
const MOST_DELAY_MS = 2_000
/** Until the first block has come, a delay is assumed. */
const ASSUMED_DELAY_MS = 200

/** What brought nothing for so long is asked for one block more: of the others it may have lost the requests. */
const PROBE_MS = 5_000
/** Peers answer in order, more or less: what was asked for so long before something that has come is lost. */
const LOST_MS = 3_000

/** After nothing came others come first: so long the peer is asked for nothing, twice as long each time. */
const FIRST_REST_MS = 2_000
const LAST_REST_MS = 32_000

export interface RequestLimits {
  /** How many requests the peer queues, as long as it does not say. */
  readonly reqq: number
  /** The least and the most time that a block is waited for, in milliseconds. */
  readonly requestMinMs: number
  readonly requestMaxMs: number
}

export class RequestWindow {
  reqq: number
  readonly #limits: RequestLimits
  /** When each outstanding block was requested, by the caller's number for it, oldest first. */
  readonly #outstanding = new Map<number, number>()
  /** Blocks that are not waited for any more but may still come, oldest first. */
  readonly #late = new Set<number>()
  #blocks = INITIAL_BLOCKS
  #isGrowing = true
  #isSnubbed = false
  #restMs = 0
  #restUntilMs = Number.NEGATIVE_INFINITY
  #bytesPerMs = 0
  #tickBytes = 0
  #tickMs: number
  #leastDelayMs = Number.POSITIVE_INFINITY
  /** Since when every answer took longer than the least delay and the window explain. */
  #longerSinceMs: number | undefined
  #sampleKey: number | undefined
  /** When a block was requested or came last, and when the newest request that was answered was sent. */
  #movedMs: number
  #answeredMs = Number.NEGATIVE_INFINITY
  #mayProbe = false

  constructor(limits: RequestLimits, nowMs: number) {
    this.#limits = limits
    this.reqq = limits.reqq
    this.#tickMs = nowMs
    this.#movedMs = nowMs
  }

  /** How many more blocks may be requested now. */
  get room(): number {
    const most = this.#isSnubbed ? 1 : Math.min(this.#blocks, this.reqq)
    const probe = this.#mayProbe && this.#outstanding.size < this.reqq ? 1 : 0
    return Math.max(probe, most - this.#outstanding.size)
  }

  /** Blocks the window has when nothing is outstanding. */
  get blocks(): number {
    return Math.min(this.#blocks, this.reqq)
  }

  get outstandingCount(): number {
    return this.#outstanding.size
  }

  get bytesPerSecond(): number {
    return this.#bytesPerMs * 1000
  }

  /** What the way to the peer and back holds at its rate, twice over: the window without its margin. */
  get wayBytes(): number {
    return Number.isFinite(this.#leastDelayMs) ? 2 * this.#leastDelayMs * this.#bytesPerMs : 0
  }

  /** It let requests time out, or choked us before it gave anything, and has delivered nothing since. */
  get isSnubbed(): boolean {
    return this.#isSnubbed
  }

  /** It was snubbed just now: others may take up what it was asked for first. */
  isResting(nowMs: number): boolean {
    return this.#isSnubbed && nowMs < this.#restUntilMs
  }

  /** True when refilling now saves the peer from running dry; topping up by single blocks is not worth a write. */
  get wantsRefill(): boolean {
    return this.#mayProbe || this.#outstanding.size <= this.blocks * 0.75
  }

  /** The peer was asked for the block and has not sent it: it may come. */
  expects(key: number): boolean {
    return this.#outstanding.has(key) || this.#late.has(key)
  }

  isOutstanding(key: number): boolean {
    return this.#outstanding.has(key)
  }

  keys(): IterableIterator<number> {
    return this.#outstanding.keys()
  }

  sent(key: number, nowMs: number): void {
    this.#outstanding.set(key, nowMs)
    this.#movedMs = nowMs
    this.#mayProbe = false
    this.#sampleKey ??= key
  }

  /** The block has come. False when it was not outstanding. */
  received(key: number, bytes: number, nowMs: number): boolean {
    this.#tickBytes += bytes
    this.#movedMs = nowMs
    this.#isSnubbed = false
    this.#restMs = 0
    if (this.#isGrowing && this.#blocks < this.reqq) this.#blocks++
    const sentMs = this.#outstanding.get(key)
    if (sentMs === undefined) {
      this.#late.delete(key)
      return false
    }
    this.#outstanding.delete(key)
    if (sentMs > this.#answeredMs) this.#answeredMs = sentMs
    if (key === this.#sampleKey) {
      this.#noteDelay(Math.max(0.1, nowMs - sentMs), nowMs)
      this.#sampleKey = undefined
    }
    return true
  }

  /** The block is not waited for any more, but taken if it comes all the same. */
  forget(key: number): void {
    this.#outstanding.delete(key)
    if (key === this.#sampleKey) this.#sampleKey = undefined
    this.#late.add(key)
    const most = Math.max(this.#limits.reqq, this.reqq)
    if (this.#late.size > most) this.#late.delete(this.#late.values().next().value!)
  }

  /** The peer will not send the block. False when it was not waited for. */
  refused(key: number): boolean {
    this.#late.delete(key)
    if (key === this.#sampleKey) this.#sampleKey = undefined
    return this.#outstanding.delete(key)
  }

  /**
   * The periodic pass: measures the rate and sets the window to it. Over less than a delay nothing is measured,
   * because all that was asked for may come at its end.
   */
  tick(nowMs: number): void {
    const isSilent = this.#outstanding.size > 0 && nowMs - this.#movedMs >= PROBE_MS
    this.#mayProbe = isSilent && !this.#isSnubbed
    const elapsedMs = nowMs - this.#tickMs
    const delayMs = Number.isFinite(this.#leastDelayMs) ? this.#leastDelayMs : ASSUMED_DELAY_MS
    if (elapsedMs <= 0 || elapsedMs < Math.min(delayMs, MOST_DELAY_MS)) return
    const newest = this.#tickBytes / elapsedMs
    const isFirst = this.#bytesPerMs === 0
    this.#bytesPerMs = isFirst ? newest : this.#bytesPerMs * (1 - RATE_WEIGHT) + newest * RATE_WEIGHT
    this.#tickMs = nowMs
    this.#tickBytes = 0
    if (this.#bytesPerMs === 0) return
    const target = Math.ceil((Math.max(newest, this.#bytesPerMs) * (2 * delayMs + MARGIN_MS)) / BLOCK_BYTES)
    this.#isGrowing = target > this.#blocks
    if (!this.#isGrowing) this.#blocks = Math.max(LEAST_BLOCKS, target)
  }

  #noteDelay(delayMs: number, nowMs: number): void {
    this.#leastDelayMs = Math.min(this.#leastDelayMs, delayMs)
    const lineMs = 1.5 * (2 * this.#leastDelayMs + MARGIN_MS)
    if (delayMs <= lineMs + Math.min(BLOCK_BYTES / this.#bytesPerMs, ROUNDING_MS))
      this.#longerSinceMs = undefined
    else this.#longerSinceMs ??= nowMs
    if (nowMs - (this.#longerSinceMs ?? nowMs) < LONGER_FOR_MS) return
    this.#leastDelayMs = Math.min(delayMs, MOST_DELAY_MS)
    this.#longerSinceMs = undefined
  }

  /** Outstanding blocks that are overdue or lost, oldest first. The peer counts as snubbed when any are overdue. */
  *takeOverdue(nowMs: number): Generator<number, void, undefined> {
    const paceMs = this.#bytesPerMs > 0 ? (4 * this.#outstanding.size * BLOCK_BYTES) / this.#bytesPerMs : 0
    const patienceMs = Math.min(this.#limits.requestMaxMs, Math.max(this.#limits.requestMinMs, paceMs))
    for (const [key, sentMs] of this.#outstanding) {
      const isLost = this.#answeredMs - sentMs > LOST_MS
      if (!isLost && nowMs - sentMs < patienceMs) return
      this.forget(key)
      if (!isLost) this.#blame(nowMs)
      yield key
    }
  }

  #blame(nowMs: number): void {
    this.snub(nowMs)
    this.#blocks = Math.max(LEAST_BLOCKS, this.#blocks >> 1)
  }

  /** Nothing came of what it was asked for: others come first. Once for all requests of a time. */
  snub(nowMs: number): void {
    this.#isSnubbed = true
    if (nowMs < this.#restUntilMs) return
    this.#restMs = Math.min(LAST_REST_MS, Math.max(FIRST_REST_MS, this.#restMs * 2))
    this.#restUntilMs = nowMs + this.#restMs
  }
}
