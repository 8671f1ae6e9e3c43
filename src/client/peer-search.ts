/**
 * Everything that looks for a torrent's peers, while it runs and while there is only its info hash: trackers and
 * other finders, started and stopped together. What they find goes to the host.
 */
import type { PeerAddress, PeerSource } from '../core/peer-address.js'
import type { PrivateReach } from '../core/private-reach.js'
import type { Metainfo } from '../metainfo/metainfo.js'
import type { ClientResources } from './client-resources.js'
import { DhtFinder } from './dht-finder.js'
import { LsdFinder } from './lsd-finder.js'
import type { TorrentNotice } from './progress.js'
import { type AnnouncedMetainfo, TrackerLink } from './tracker-link.js'

/** A torrent may be known by a magnet link only. */
export type SoughtTorrent = AnnouncedMetainfo & Partial<Pick<Metainfo, 'nodes' | 'isPrivate'>>

/** One way to find peers for one torrent. */
export interface PeerFinder {
  /** False when it will never find anybody. */
  readonly isHopeful: boolean
  /** What is wrong with it, for people. */
  readonly trouble: string | undefined
  /** Again after `stop`, too. */
  start(): void
  /** Finds nothing from here on. Resolves when others have been told that we leave, within a second or so. */
  stop(): Promise<void>
}

/** The torrent, or the search for its metadata, that peers are found for. */
export interface SearchHost {
  /** Selected bytes that are missing, payload bytes that came in. */
  stats(): { readonly uploaded: number; readonly downloaded: number; readonly left: number }
  wantsPeers(): boolean
  addAddresses(addresses: readonly PeerAddress[], source: PeerSource): void
  /** Peers or web seeds that can be asked are known. */
  hasSources(): boolean
  /** Peers that have shaken hands. */
  connectedPeers(): number
  notify(notice: TorrentNotice): void
  /** A fault of ours, not of whom we ask. */
  failed(error: Error): void
}

export interface SearchOptions {
  /** Where URLs may lead. */
  readonly reach: PrivateReach
  readonly useTrackers: boolean
  /** Milliseconds without anything; Infinity: the user has named no time. */
  readonly giveUpAfterMs: number
}

export class PeerSearch implements PeerFinder {
  readonly #trackers: TrackerLink | undefined
  readonly #finders: readonly PeerFinder[]

  /** The one list of ways to find peers, in which a new one takes a line. */
  constructor(torrent: SoughtTorrent, resources: ClientResources, host: SearchHost, options: SearchOptions) {
    const { dht, lsd, clock, random } = resources
    const { reach } = options
    const trackers = options.useTrackers ? new TrackerLink(torrent, resources, { host, reach }) : undefined
    const hasOthers = () => host.hasSources() || trackers?.isHopeful === true
    const isPatient = options.giveUpAfterMs !== Number.POSITIVE_INFINITY
    const isPublic = torrent.isPrivate !== true
    this.#trackers = trackers
    this.#finders = [
      trackers,
      isPublic && dht && new DhtFinder({ torrent, reach, desk: dht, host, random, hasOthers }),
      isPublic && lsd && new LsdFinder({ torrent, desk: lsd, host, clock, isPatient }),
    ].filter((finder) => finder !== undefined && finder !== false)
  }

  get isHopeful(): boolean {
    return this.#finders.some((finder) => finder.isHopeful)
  }

  get trouble(): string | undefined {
    return this.#finders.map((finder) => finder.trouble).find((trouble) => trouble !== undefined)
  }

  start(): void {
    for (const finder of this.#finders) finder.start()
  }

  /** Everything that is wanted has come in. */
  completed(): void {
    this.#trackers?.completed()
  }

  async stop(): Promise<void> {
    await Promise.all(this.#finders.map((finder) => finder.stop()))
  }

  /** Stops without a word to trackers: the same torrent goes on being announced by another. */
  async leave(): Promise<void> {
    this.#trackers?.leave()
    await this.stop()
  }
}
