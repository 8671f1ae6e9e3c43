/** A torrent's trackers: their peers go to the swarm, what they say to the torrent's listeners. */
import type { TrackerError, TrackerFault } from '../core/errors.js'
import type { PeerAddress } from '../core/peer-address.js'
import type { PrivateReach } from '../core/private-reach.js'
import type { Metainfo } from '../metainfo/metainfo.js'
import type { AnnounceAnswer } from '../tracker/announce.js'
import { type AnnouncedTorrent, Announcer } from '../tracker/announcer.js'
import { MOST_TRACKERS } from '../tracker/tracker-tiers.js'
import { trackerTransports } from '../tracker/transports.js'
import type { ClientResources } from './client-resources.js'
import type { PeerFinder, SearchHost } from './peer-search.js'

/** A torrent may be known by a magnet link only. */
export type AnnouncedMetainfo = Pick<Metainfo, 'infoHash' | 'trackers'>

export class TrackerLink implements PeerFinder, AnnouncedTorrent {
  readonly #metainfo: AnnouncedMetainfo
  readonly #resources: ClientResources
  readonly #host: SearchHost
  /** Which trackers may have private addresses. */
  readonly #reach: PrivateReach
  readonly #usable: Set<string>
  readonly #unanswered: Set<string>
  #announcer: Announcer | undefined
  #hasAnswered = false
  #trouble: string | undefined
  /** Of the announcer before this one. */
  #farewell: Promise<void> = Promise.resolve()

  constructor(
    metainfo: AnnouncedMetainfo,
    resources: ClientResources,
    { host, reach }: { readonly host: SearchHost; readonly reach: PrivateReach },
  ) {
    this.#reach = reach
    this.#metainfo = metainfo
    this.#resources = resources
    this.#host = host
    this.#usable = new Set(metainfo.trackers.flat().slice(0, MOST_TRACKERS))
    this.#unanswered = new Set(this.#usable)
  }

  /** False when no tracker will ever answer. */
  get isHopeful(): boolean {
    return this.#usable.size > 0
  }

  /** What is wrong with the trackers, as long as none has answered well. UDP ones may keep silent for minutes. */
  get trouble(): string | undefined {
    if (this.#announcer === undefined || this.#hasAnswered) return this.#trouble
    const [first] = this.#usable
    return this.#trouble ?? (first && `${hostOf(first)}: no answer yet`)
  }

  /** From here on they hear of us, until {@link stop}. */
  start(): void {
    if (this.#announcer !== undefined || this.#usable.size === 0) return
    const { clock, random, peerId, port } = this.#resources
    const announcer = new Announcer({
      tiers: this.#metainfo.trackers,
      infoHash: this.#metainfo.infoHash.bytes,
      peerId,
      port: port(),
      torrent: this,
      transports: trackerTransports(this.#resources, this.#reach),
      clock,
      random,
    })
    this.#announcer = announcer
    // Whoever comes back at once is not to be taken for gone.
    this.#farewell.then(() => announcer.run()).catch((error: Error) => this.#host.failed(error))
  }

  completed(): void {
    this.#announcer?.completed()
  }

  /** Resolves when the trackers have heard of it, within LIMITS.trackerStopMs. */
  async stop(): Promise<void> {
    const announcer = this.#announcer
    this.#announcer = undefined
    if (announcer !== undefined) this.#farewell = announcer.stop()
    await this.#farewell
  }

  /** Ends without a word: the same torrent goes on being announced by another. */
  leave(): void {
    this.#announcer?.leave()
    this.#announcer = undefined
  }

  // What the announcer asks and tells.

  stats() {
    return this.#host.stats()
  }

  wantsPeers(): boolean {
    return this.#host.wantsPeers()
  }

  /** Nobody who is served well, or has nothing to fetch, comes before a tracker expects it. */
  lacksPeers(): boolean {
    return this.#host.stats().left > 0 && this.#host.connectedPeers() < FEW_PEERS
  }

  onPeers(addresses: readonly PeerAddress[]): void {
    this.#host.addAddresses(addresses, 'tracker')
  }

  onAnswer(tracker: string, answer: AnnounceAnswer): void {
    this.#hasAnswered = true
    this.#trouble = undefined
    this.#unanswered.delete(tracker)
    const warning = answer.warning === undefined ? {} : { warning: answer.warning }
    this.#host.notify({ type: 'trackerAnswered', tracker, peers: answer.peers.length, ...warning })
  }

  onFailure(tracker: string, error: TrackerError): void {
    const isHopeless = HOPELESS.has(error.code) || error.retryAfterMs === Number.POSITIVE_INFINITY
    if (isHopeless) this.#usable.delete(tracker)
    if (this.#unanswered.has(tracker)) this.#trouble = `${hostOf(tracker)}: ${error.message}`
    this.#host.notify({ type: 'trackerFailed', tracker, code: error.code, message: error.message })
  }
}

/** With so many connections a download goes on. */
const FEW_PEERS = 10

/** What waiting does not cure. */
const HOPELESS: ReadonlySet<TrackerFault> = new Set(['UNSUPPORTED_SCHEME', 'FORBIDDEN_ADDRESS'])

/** Passkeys are part of many tracker URLs and belong in nobody's terminal. */
function hostOf(tracker: string): string {
  return URL.canParse(tracker) ? new URL(tracker).host : 'tracker'
}
