/** Decides when a download has no prospects any more. Pure: the torrent brings the facts and the time. */
import { GaveUpError } from '../core/errors.js'

export interface Prospects {
  /** Payload that came in so far: what grows is alive. */
  readonly receivedBytes: number
  readonly connectedPeers: number
  /** There is a tracker that may still answer, or an address that may. */
  readonly hasSources: boolean
  /** The disk has not answered for everything that came in. */
  readonly isWriting: boolean
  /** What is wrong, for people. */
  readonly stall: string | undefined
}

export class Patience {
  readonly #giveUpAfterMs: number
  #receivedBytes = 0
  #aliveMs: number

  /** `giveUpAfterMs` without progress is too long; Infinity waits for ever. */
  constructor(giveUpAfterMs: number, nowMs: number) {
    this.#giveUpAfterMs = giveUpAfterMs
    this.#aliveMs = nowMs
  }

  /** The reason to give up now, if there is one. */
  judge(prospects: Prospects, nowMs: number): GaveUpError | undefined {
    const { receivedBytes, connectedPeers, hasSources, isWriting, stall } = prospects
    if (receivedBytes > this.#receivedBytes || isWriting) this.#aliveMs = nowMs
    this.#receivedBytes = receivedBytes
    const why = stall === undefined ? '' : ` (${stall})`
    if (connectedPeers === 0 && !hasSources && !isWriting) {
      return new GaveUpError('NO_PEERS', `no peer can be reached and there is nobody to ask for more${why}`)
    }
    if (nowMs - this.#aliveMs <= this.#giveUpAfterMs) return undefined
    const seconds = Math.round((nowMs - this.#aliveMs) / 1000)
    if (connectedPeers === 0) return new GaveUpError('NO_PEERS', `no peers for ${seconds} s${why}`)
    return new GaveUpError('NO_PROGRESS', `nothing came in for ${seconds} s${why}`)
  }
}
