/**
 * What both fronts share: an announce that was read is checked against the lists, entered into the
 * registry, and answered with peers and an interval. Also the counts of all that, for metrics.
 */
import type { Random } from '../core/clock.js'
import type { AnnounceRequest } from './announce-request.js'
import { PeerPicks } from './peer-picks.js'
import type { SwarmRegistry } from './swarm-registry.js'

/** Which torrents the tracker serves. */
export interface TorrentPolicy {
  permits(infoHash: Uint8Array): boolean
}

export interface AnnouncePolicy {
  /** How often peers should announce, give or take a tenth so that they do not come all at once. */
  readonly intervalSeconds: number
  /** Peers for one who does not say how many. */
  readonly defaultPeers: number
  /** Peers in one answer, of each family of addresses. */
  readonly maxPeersPerAnswer: number
}

export interface DeskParts {
  readonly registry: SwarmRegistry
  readonly torrents: TorrentPolicy
  readonly policy: AnnouncePolicy
  readonly random: Random
  /** Whole seconds of the monotonic clock. */
  readonly nowSeconds: number
}

export const NOT_SERVED = 'this tracker does not serve this torrent'

export class AnnounceDesk {
  readonly registry: SwarmRegistry
  readonly torrents: TorrentPolicy
  /** Chosen by the last announce. */
  readonly ipv4Picks: PeerPicks
  readonly ipv6Picks: PeerPicks
  readonly #policy: AnnouncePolicy
  readonly #random: Random
  #nowSeconds: number

  constructor(parts: DeskParts) {
    this.registry = parts.registry
    this.torrents = parts.torrents
    this.#nowSeconds = parts.nowSeconds
    this.#policy = parts.policy
    this.#random = parts.random
    this.ipv4Picks = new PeerPicks(parts.policy.maxPeersPerAnswer)
    this.ipv6Picks = new PeerPicks(parts.policy.maxPeersPerAnswer)
  }

  /** As of the last tick: reading the clock for each announce would take a fiftieth of its time. */
  get nowSeconds(): number {
    return this.#nowSeconds
  }

  tick(nowSeconds: number): void {
    this.#nowSeconds = nowSeconds
  }

  /** Enters it, and picks peers. Returns why not, when it may not be. */
  announce(request: AnnounceRequest): string | undefined {
    if (!this.torrents.permits(request.infoHash)) return NOT_SERVED
    if (request.port === 0) return 'the port is missing or 0'
    if (request.event === 'stopped') request.wantedCount = 0
    request.wantedCount ??= this.#policy.defaultPeers
    this.registry.announce(request, this.#nowSeconds)
    this.ipv4Picks.begin(this.#random())
    this.ipv6Picks.begin(this.#random())
    return undefined
  }

  intervalSeconds(): number {
    const { intervalSeconds } = this.#policy
    return Math.round(intervalSeconds * (1 + JITTER * (2 * this.#random() - 1)))
  }

  minIntervalSeconds(): number {
    return Math.floor(this.#policy.intervalSeconds / 2)
  }
}

const JITTER = 0.1
