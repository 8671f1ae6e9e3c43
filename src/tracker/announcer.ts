/**
 * Keeps one torrent known to its trackers and supplied with peers (BEP 3, BEP 12). It owns the sessions with
 * the trackers; what to do when is decided in announce-schedule, how to say it by the announce of the scheme.
 *
 * It has one timer at most, which keeps no process alive.
 */
import { LIMITS } from '../config.js'
import { type Clock, type Random, systemClock, systemRandom } from '../core/clock.js'
import { TrackerError } from '../core/errors.js'
import type { PeerAddress } from '../core/peer-address.js'
import type { AnnounceAnswer, AnnounceTable } from './announce.js'
import {
  chooseTrackers,
  idleMs,
  whenAnswered,
  whenAsked,
  whenFailed,
  whenThereIsNews,
} from './announce-schedule.js'
import { type AnnounceFacts, TrackerSession } from './tracker-session.js'
import { TrackerTiers } from './tracker-tiers.js'

/** The questions asked of the torrent, and what it is told. */
export interface AnnouncedTorrent {
  /** Payload bytes of this run, and bytes still missing. */
  stats(): { readonly uploaded: number; readonly downloaded: number; readonly left: number }
  /** There is room for more peers. */
  wantsPeers(): boolean
  /** There are too few to go on with: a tracker is asked before its interval is over. */
  lacksPeers(): boolean
  /** Never with an empty list. */
  onPeers(addresses: readonly PeerAddress[], tracker: string): void
  onAnswer(tracker: string, answer: AnnounceAnswer): void
  onFailure(tracker: string, error: TrackerError): void
}

export interface AnnouncerOptions {
  /** Tracker URLs by tier. */
  readonly tiers: readonly (readonly string[])[]
  readonly infoHash: Uint8Array
  readonly peerId: Uint8Array
  /** Where we accept connections. */
  readonly port: number
  readonly torrent: AnnouncedTorrent
  /** Trackers of other schemes are reported once and left alone. */
  readonly transports: AnnounceTable
  readonly clock?: Clock
  readonly random?: Random
  /** Runs something once after a delay in milliseconds, unless the function it returns is called before. */
  readonly after?: (delayMs: number, run: () => void) => () => void
}

export class Announcer {
  readonly #options: AnnouncerOptions
  readonly #torrent: AnnouncedTorrent
  readonly #tiers: TrackerTiers
  readonly #sessions = new Map<string, TrackerSession>()
  readonly #clock: Clock
  readonly #random: Random
  readonly #after: NonNullable<AnnouncerOptions['after']>
  /** BEP 7 and common usage: eight hex digits, the same for the whole run. */
  readonly #key: string
  readonly #ended = new Deferred()
  #phase: 'idle' | 'running' | 'stopped' = 'idle'
  #cancelTimer: () => void = () => {}
  #stopping: Promise<void> | undefined

  constructor(options: AnnouncerOptions) {
    this.#options = options
    this.#torrent = options.torrent
    this.#clock = options.clock ?? systemClock
    this.#random = options.random ?? systemRandom
    this.#after = options.after ?? afterDelay
    this.#tiers = new TrackerTiers(options.tiers, this.#random)
    this.#key = Math.floor(this.#random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0')
  }

  /**
   * Announces until {@link stop}. Resolves then; no tracker can make it reject. It rejects only with what one
   * of the torrent's own functions threw, and announces no more.
   */
  run(): Promise<void> {
    if (this.#phase === 'idle') {
      this.#phase = 'running'
      this.#guard(() => {
        this.#openSessions()
        this.#advance()
      })
    }
    return this.#ended.promise
  }

  /** The download has finished: every tracker that knows of it hears `completed`. Not for one complete at start. */
  completed(): void {
    if (this.#phase !== 'running') return
    for (const session of this.#sessions.values()) {
      session.oweCompleted()
      if (session.owesCompleted) session.times = whenThereIsNews(session.times)
    }
    this.#guard(() => this.#advance())
  }

  /**
   * Says `stopped` to all trackers that know of us, at once. Resolves within `withinMs`, by default
   * LIMITS.trackerStopMs, whatever they do; nothing is under way then.
   */
  stop(withinMs: number = LIMITS.trackerStopMs): Promise<void> {
    this.#stopping ??= this.#stop(withinMs)
    return this.#stopping
  }

  /** Ends without a word to the trackers: somebody else goes on under the same name. */
  leave(): void {
    if (this.#phase === 'stopped') return
    this.#phase = 'stopped'
    this.#cancelTimer()
    for (const session of this.#sessions.values()) session.abandon()
    this.#stopping = Promise.resolve()
    this.#ended.resolve()
  }

  #openSessions(): void {
    for (const url of this.#tiers.inOrder) {
      const scheme = URL.canParse(url) ? new URL(url).protocol : ''
      const announce = this.#options.transports.get(scheme)
      if (announce !== undefined) this.#sessions.set(url, new TrackerSession(url, announce))
      else this.#torrent.onFailure(url, unsupported(scheme))
    }
  }

  #advance(): void {
    if (this.#phase !== 'running') return
    this.#cancelTimer()
    const sessions = this.#tiers.inOrder.flatMap((url) => this.#sessions.get(url) ?? [])
    const nowMs = this.#clock.now()
    const view = {
      nowMs,
      wantsPeers: this.#torrent.wantsPeers(),
      lacksPeers: this.#torrent.lacksPeers(),
    }
    for (const session of chooseTrackers(sessions, view)) {
      session.times = whenAsked(session.times, nowMs)
      this.#ask(session)
    }
    this.#cancelTimer = this.#after(idleMs(sessions, nowMs), () => this.#guard(() => this.#advance()))
  }

  #ask(session: TrackerSession): void {
    const settle = (outcome: AnnounceAnswer | TrackerError) => {
      this.#guard(() => {
        if (this.#phase !== 'running') return
        if (outcome instanceof TrackerError) this.#takeFailure(session, outcome)
        else this.#takeAnswer(session, outcome)
        this.#advance()
      })
    }
    session.ask(this.#facts()).then(settle, (error: unknown) => this.#fail(error))
  }

  #takeAnswer(session: TrackerSession, answer: AnnounceAnswer): void {
    const times = whenAnswered(session.times, answer, this.#clock.now())
    session.times = session.owesCompleted ? whenThereIsNews(times) : times
    this.#tiers.promote(session.url)
    this.#torrent.onAnswer(session.url, answer)
    this.#takePeers(session, answer.peers)
    void answer.later?.then((peers) => this.#guard(() => this.#takePeers(session, peers)))
  }

  #takePeers(session: TrackerSession, peers: readonly PeerAddress[]): void {
    if (this.#phase === 'running' && peers.length > 0) this.#torrent.onPeers(peers, session.url)
  }

  #takeFailure(session: TrackerSession, error: TrackerError): void {
    session.times = whenFailed(session.times, this.#clock.now(), this.#random, error.retryAfterMs)
    this.#torrent.onFailure(session.url, error)
  }

  #facts(): AnnounceFacts {
    const { infoHash, peerId, port } = this.#options
    const { uploaded, downloaded, left } = this.#torrent.stats()
    const numWant = this.#phase === 'running' && this.#torrent.wantsPeers() ? PEERS_PER_ANNOUNCE : 0
    return { infoHash, peerId, port, uploaded, downloaded, left, numWant, key: this.#key }
  }

  async #stop(withinMs: number): Promise<void> {
    const hasRun = this.#phase === 'running'
    this.#phase = 'stopped'
    this.#cancelTimer()
    try {
      if (hasRun) await this.#sayFarewell(withinMs)
    } finally {
      this.#ended.resolve()
    }
  }

  /** A tracker that is still being told `completed` has half of the time for that, so that `stopped` goes out. */
  async #sayFarewell(withinMs: number): Promise<void> {
    const sessions = [...this.#sessions.values()]
    const facts = this.#facts()
    const halfway = setTimeout(() => {
      for (const session of sessions) session.abandon('completed')
    }, withinMs / 2)
    const deadline = new Deferred()
    const end = setTimeout(() => {
      for (const session of sessions) session.abandon()
      deadline.resolve()
    }, withinMs)
    await Promise.race([Promise.all(sessions.map((session) => session.farewell(facts))), deadline.promise])
    clearTimeout(halfway)
    clearTimeout(end)
  }

  /** Everything that calls the torrent goes through here, so that its mistakes end in the promise of `run`. */
  #guard(act: () => void): void {
    try {
      act()
    } catch (error) {
      this.#fail(error)
    }
  }

  #fail(error: unknown): void {
    this.#phase = 'stopped'
    this.#cancelTimer()
    for (const session of this.#sessions.values()) session.abandon()
    this.#ended.reject(error)
  }
}

/** What most trackers send at most in one answer. */
const PEERS_PER_ANNOUNCE = 200

function unsupported(scheme: string): TrackerError {
  const detail = scheme === '' ? 'is not a URL' : `${scheme.slice(0, 20)} trackers are not supported`
  return new TrackerError('UNSUPPORTED_SCHEME', detail)
}

function afterDelay(delayMs: number, run: () => void): () => void {
  const timer = setTimeout(run, delayMs)
  timer.unref()
  return () => clearTimeout(timer)
}

class Deferred {
  resolve!: () => void
  reject!: (error: unknown) => void
  readonly promise = new Promise<void>((resolve, reject) => {
    this.resolve = resolve
    this.reject = reject
  })
}
