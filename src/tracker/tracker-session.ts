/**
 * What one tracker knows of one torrent, and so what it must be told next: `started` until it has answered
 * that, `completed` once when the download finishes, `stopped` in the end. At most one announce is under way.
 */
import { TrackerError } from '../core/errors.js'
import type { Announce, AnnounceAnswer, AnnounceEvent, AnnounceRequest } from './announce.js'
import { type TrackerTimes, UNTRIED } from './announce-schedule.js'

/** The part of an announce that is the same for every tracker. */
export type AnnounceFacts = Omit<AnnounceRequest, 'event' | 'trackerId'>

export class TrackerSession {
  /** Kept by the announcer. */
  times: TrackerTimes = UNTRIED
  readonly #tracker: URL
  readonly #announce: Announce
  #hasAccepted = false
  #owesCompleted = false
  #trackerId: Uint8Array | undefined
  #underway: Underway | undefined
  /** Ends the last announce, which may linger over the slower family of addresses when it has been answered. */
  #cut = new AbortController()
  /** The tracker may have heard what is under way. */
  #isSent = false

  /** `url` as the metainfo writes it; it must be a valid one. */
  constructor(
    readonly url: string,
    announce: Announce,
  ) {
    this.#tracker = new URL(url)
    this.#announce = announce
  }

  /** It must hear `completed` at the next opportunity. */
  get owesCompleted(): boolean {
    return this.#owesCompleted
  }

  /** The download has finished. A tracker that has never heard of it need not be told. */
  oweCompleted(): void {
    this.#owesCompleted = this.#hasAccepted || this.#underway?.event === 'started'
  }

  /** One announce with the event that is due; only when none is under way. Never rejects. */
  ask(facts: AnnounceFacts): Promise<AnnounceAnswer | TrackerError> {
    const news = this.#owesCompleted ? 'completed' : undefined
    return this.#exchange(facts, this.#hasAccepted ? news : 'started')
  }

  /**
   * Says `stopped` when the tracker knows of us, or may because `started` is on its way; after `completed` when that
   * is still owed. Never rejects.
   */
  async farewell(facts: AnnounceFacts): Promise<void> {
    const isTellingCompleted = this.#underway?.event === 'completed'
    const mayHaveHeard = this.#isSent
    if (!isTellingCompleted) this.abandon()
    await this.#underway?.outcome
    if (!this.#hasAccepted && !mayHaveHeard) return
    if (this.#owesCompleted && !isTellingCompleted) await this.#exchange(facts, 'completed')
    await this.#exchange(facts, 'stopped')
  }

  /** Cuts the announce that is under way; given an event, only one of that event. */
  abandon(event?: AnnounceEvent): void {
    if (event === undefined || this.#underway?.event === event) this.#cut.abort()
  }

  #exchange(facts: AnnounceFacts, event: AnnounceEvent | undefined): Promise<AnnounceAnswer | TrackerError> {
    this.#cut.abort()
    this.#cut = new AbortController()
    const outcome = this.#send({ ...facts, event, trackerId: this.#trackerId }, this.#cut.signal)
    this.#underway = { event, outcome }
    return outcome
  }

  async #send(request: AnnounceRequest, signal: AbortSignal): Promise<AnnounceAnswer | TrackerError> {
    // A `started` that goes out after the download has finished says so by itself.
    if (request.event === 'started') this.#owesCompleted = false
    try {
      const answer = await this.#announce(this.#tracker, request, signal, () => {
        this.#isSent = true
      })
      this.#trackerId = answer.trackerId ?? this.#trackerId
      if (request.event === 'started') this.#hasAccepted = true
      if (request.event === 'completed') this.#owesCompleted = false
      // Afterwards nothing is sent any more.
      if (request.event === 'stopped') await answer.later
      return answer
    } catch (error) {
      return toTrackerError(error)
    } finally {
      this.#underway = undefined
      this.#isSent = false
    }
  }
}

interface Underway {
  readonly event: AnnounceEvent | undefined
  readonly outcome: Promise<AnnounceAnswer | TrackerError>
}

/** Whatever a transport raises. An abort is ours, and nobody waits for its error. */
function toTrackerError(error: unknown): TrackerError {
  if (error instanceof TrackerError) return error
  return new TrackerError('UNREACHABLE', (error as Error).message, { cause: error })
}
