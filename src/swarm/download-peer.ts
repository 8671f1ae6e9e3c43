/** What the scheduler knows of one connected peer. */
import type { Bitfield } from '../core/bitfield.js'
import type { OpenRun } from './open-run.js'
import type { RequestWindow } from './request-window.js'

/** A window of so few blocks (or a snub) makes a peer slow: it fills runs of its own kind. */
const SLOW_BLOCKS = 4

export class DownloadPeer {
  isChoking = true
  /** It took part in a corrupt piece with others: until it is cleared, it fills runs alone. */
  isOnParole = false
  /** The run that it began last. */
  run: OpenRun | undefined
  /** Payload bytes that were of use, and those that were not. */
  usefulBytes = 0
  unwantedBytes = 0
  /** The version of the picker at which it had nothing to pick from. */
  idleAtVersion = -1
  /** Where the picker found its last piece: what comes before, it lacks. Forgotten at each tick. */
  pickFrom = 0
  /** The block that is coming in, and the run that it goes to; what is not here is dropped. */
  incomingKey: number | undefined
  incomingRun: OpenRun | undefined

  constructor(
    /** Names it in the sources of a piece. */
    readonly number: number,
    readonly has: Bitfield,
    readonly window: RequestWindow,
    /** It is asked for long stretches rather than for the rarest pieces: a web seed. */
    readonly readsStretches = false,
  ) {}

  get isSlow(): boolean {
    return this.window.isSnubbed || this.window.blocks <= SLOW_BLOCKS
  }
}
