/** What the scheduler knows of one connected peer. */
import type { Bitfield } from '../core/bitfield.js'
import type { OpenRun } from './open-run.js'
import type { RequestWindow } from './request-window.js'

/** A peer that refused so many pieces is asked for nothing until they are forgotten. */
const MOST_REFUSED = 64
/** So long a piece that was refused is not asked for again. */
const REFUSED_MS = 10_000
/** A peer can name so many pieces that it sends while it chokes; BEP 6 has it name ten. */
const MOST_ALLOWED = 100

/** A window of so few blocks (or a snub) makes a peer slow: it fills runs of its own kind. */
const SLOW_BLOCKS = 4

export class DownloadPeer {
  isChoking = true
  /** It took part in a corrupt piece with others: until it is cleared, it fills runs alone. */
  isOnParole = false
  /** The run that it began last. */
  run: OpenRun | undefined
  /** Of one that reads stretches: the end of the block that it was asked for last, in the byte space. */
  askedEnd = 0
  /** Payload bytes that were of use, and those that were not. */
  usefulBytes = 0
  unwantedBytes = 0
  /** Blocks that it refused without having been asked for them. */
  unaskedRefusals = 0
  /** The version of the picker at which it had nothing to pick from. */
  idleAtVersion = -1
  /** Where the picker found its last piece: what comes before, it lacks. Forgotten at each tick. */
  pickFrom = 0
  /** The block that is coming in, and the run that it goes to; what is not here is dropped. */
  incomingKey: number | undefined
  incomingRun: OpenRun | undefined
  /** When it choked us last, in clock milliseconds. */
  chokedMs = 0
  /** Useful bytes before it unchoked us last. */
  #bytesBefore = 0
  /** Pieces that it sends while it chokes us. */
  readonly #allowed = new Set<number>()
  /** Pieces of which it refused a block lately, though it does not choke us. */
  readonly #refused = new Set<number>()
  #refusedMs = 0

  constructor(
    /** Names it in the sources of a piece. */
    readonly number: number,
    readonly has: Bitfield,
    readonly window: RequestWindow,
    /** The connections to the web seed that it is one of; undefined for a peer. */
    readonly siblings?: ReadonlySet<DownloadPeer>,
  ) {}

  /** It is asked for long stretches rather than for the rarest pieces. */
  get readsStretches(): boolean {
    return this.siblings !== undefined
  }

  /** The block has been asked for over another connection to the same server: this one would bring it no sooner. */
  isSiblingAsked(key: number): boolean {
    for (const sibling of this.siblings ?? []) if (sibling.window.isOutstanding(key)) return true
    return false
  }

  /** There is something that it would send now. */
  get isWilling(): boolean {
    return !this.isChoking || this.#allowed.size > 0
  }

  /** It has the piece, and would send of it now. */
  offers(index: number): boolean {
    if (!this.has.has(index) || (this.isChoking && !this.#allowed.has(index))) return false
    return this.#refused.size === 0 || (this.#refused.size < MOST_REFUSED && !this.#refused.has(index))
  }

  /** One that gives nothing between unchoking and choking would have what it is asked for go round in circles. */
  choke(nowMs: number): void {
    const hasGiven = this.usefulBytes > this.#bytesBefore
    if (!this.isChoking && !hasGiven && this.window.outstandingCount > 0) this.window.snub(nowMs)
    this.isChoking = true
    this.chokedMs = nowMs
  }

  unchoke(): void {
    this.isChoking = false
    this.#bytesBefore = this.usefulBytes
    this.#offersChanged()
  }

  /** It sends this piece even while it chokes us. */
  allow(index: number): void {
    if (this.#allowed.size >= MOST_ALLOWED) return
    this.#allowed.add(index)
    this.#offersChanged()
  }

  /** It will not send a block of the piece. Asking it again at once would go on for ever. */
  refuse(index: number, nowMs: number): void {
    if (this.isChoking) this.#allowed.delete(index)
    else if (this.#refused.size < MOST_REFUSED) this.#refused.add(index)
    this.#refusedMs = nowMs
  }

  /** The periodic pass. */
  tick(nowMs: number): void {
    this.window.tick(nowMs)
    this.pickFrom = 0
    if (this.#refused.size === 0 || nowMs - this.#refusedMs < REFUSED_MS) return
    this.#refused.clear()
    this.#offersChanged()
  }

  #offersChanged(): void {
    this.pickFrom = 0
    this.idleAtVersion = -1
  }

  get isSlow(): boolean {
    return this.window.isSnubbed || this.window.blocks <= SLOW_BLOCKS
  }
}
