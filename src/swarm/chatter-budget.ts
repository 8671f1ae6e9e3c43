/**
 * How much a peer may say besides sending blocks. Each message costs a moment, and a read of a socket holds tens
 * of thousands of small ones: a peer that never stops would leave no time for the others. Blocks that go either
 * way earn messages, because every block may need a request, a cancel and a have.
 */
import { LIMITS } from '../config.js'

export class ChatterBudget {
  #messageCount: number = LIMITS.chatterMessages
  #filledMs: number

  constructor(nowMs: number) {
    this.#filledMs = nowMs
  }

  /** False when the peer has said more than any honest one would. */
  spend(messageCount: number, nowMs: number): boolean {
    if (this.#messageCount < messageCount) {
      this.earn(((nowMs - this.#filledMs) * LIMITS.chatterPerSecond) / 1000)
      this.#filledMs = nowMs
    }
    if (this.#messageCount < messageCount) return false
    this.#messageCount -= messageCount
    return true
  }

  earn(messageCount: number): void {
    this.#messageCount = Math.min(LIMITS.chatterMessages, this.#messageCount + messageCount)
  }
}
