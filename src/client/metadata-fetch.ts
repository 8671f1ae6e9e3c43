/**
 * Finds the info dict that a magnet link names (BEP 9): from the peers that its trackers, the link itself and
 * the user know, or from the .torrent that it points to. What comes out is right: its hash is the info hash.
 */
import { GaveUpError } from '../core/errors.js'
import type { PeerAddress, SourcedAddress } from '../core/peer-address.js'
import type { PrivateReach } from '../core/private-reach.js'
import { fetchTorrentFile } from '../discovery/fetch-torrent-file.js'
import { eachLookedUp } from '../discovery/look-up-peers.js'
import type { Magnet } from '../metainfo/parse-magnet.js'
import { unwrapInfo } from '../metainfo/wrap-info.js'
import type { IncomingPeer } from '../peer/listener.js'
import { METADATA_PIECE_BYTES } from '../wire/metadata-messages.js'
import type { ClientResources } from './client-resources.js'
import { MetadataSwarm } from './metadata-swarm.js'
import { Outcome } from './outcome.js'
import { Patience } from './patience.js'
import { PeerSearch, type SearchHost } from './peer-search.js'
import type { MetadataProgress } from './progress.js'
import { describeStall } from './stall.js'

export interface MetadataFetchOptions {
  /** Peers to ask besides those of the link and its trackers. */
  readonly peers: readonly PeerAddress[]
  /** Where the URLs of the link may lead. */
  readonly reach: PrivateReach
  readonly useTrackers: boolean
  readonly usePex: boolean
  /** Give up (GaveUpError NO_METADATA) when nothing came in for so long, in milliseconds. */
  readonly giveUpAfterMs: number
  /** The same client downloads the torrent next: its trackers are not told that we leave. */
  readonly goesOn: boolean
}

export interface FoundMetadata {
  /** Owns its memory. */
  readonly infoBytes: Uint8Array
  /** Peers that were heard of meanwhile. */
  readonly addresses: readonly SourcedAddress[]
}

export class MetadataFetch {
  readonly #outcome = new Outcome<FoundMetadata>()
  /** Rejects with GaveUpError, or with the reason of {@link stop}. */
  readonly done = this.#outcome.done
  readonly #magnet: Magnet
  readonly #options: MetadataFetchOptions
  readonly #swarm: MetadataSwarm
  readonly #search: PeerSearch
  readonly #patience: Patience
  /** Ends what is under way when it is over. */
  readonly #ending = new AbortController()
  /** Look-ups and downloads that may still bring something. */
  #underWayCount = 0
  /** What came in the place of the .torrent that the link points to. */
  #urlTrouble: string | undefined

  constructor(magnet: Magnet, resources: ClientResources, options: MetadataFetchOptions) {
    this.#magnet = magnet
    this.#options = options
    const { usePex } = options
    this.#swarm = new MetadataSwarm({ infoHash: magnet.infoHash.bytes, usePex }, resources, {
      found: (infoBytes) => this.#found(infoBytes),
      failed: (error) => this.stop(error),
    })
    const host: SearchHost = {
      // How much there is to fetch is not known yet, but there is something.
      stats: () => ({ uploaded: 0, downloaded: 0, left: METADATA_PIECE_BYTES }),
      wantsPeers: () => true,
      addAddresses: (addresses, source) => this.#swarm.addAddresses(addresses, source),
      hasSources: () => this.#swarm.book.size > 0,
      connectedPeers: () => this.#swarm.connectedCount,
      notify: () => {},
      failed: (error) => this.stop(error),
    }
    this.#search = new PeerSearch(magnet, resources, host, options)
    this.#patience = new Patience(options.giveUpAfterMs, resources.clock.now())
  }

  start(): void {
    this.#swarm.addAddresses(this.#options.peers, 'user')
    this.#search.start()
    this.#count(this.#lookUpPeers())
    this.#count(this.#tryTorrentUrls())
  }

  /** The periodic pass. */
  tick(nowMs: number): void {
    if (this.#isOver) return
    this.#swarm.tick(nowMs)
    const { receivedBytes } = this.#swarm.assembly
    const error = this.#patience.judge(
      {
        receivedBytes,
        connectedPeers: this.#swarm.connectedCount,
        hasSources: this.#hasSources,
        isWriting: false,
        stall: this.#stall,
      },
      nowMs,
    )
    if (error !== undefined) this.stop(new GaveUpError('NO_METADATA', `no metadata: ${error.message}`))
  }

  /** A peer has connected to us for this torrent. */
  takeIn(peer: IncomingPeer): void {
    this.#swarm.takeIn(peer)
  }

  progress(): MetadataProgress {
    const { infoHash, name } = this.#magnet
    return {
      infoHash: infoHash.hex,
      name: name ?? infoHash.hex,
      receivedBytes: this.#swarm.assembly.receivedBytes,
      connectedPeers: this.#swarm.connectedCount,
      knownPeers: this.#swarm.book.size,
      stall: this.#swarm.assembly.receivedBytes > 0 ? undefined : this.#stall,
    }
  }

  /** Ends it. The first reason counts. */
  stop(reason: Error): void {
    if (this.#isOver) return
    this.#letGo()
    this.#outcome.reject(reason)
    void this.#search.stop().then(() => this.#outcome.end())
  }

  /** Resolves when it has let go of everything, within LIMITS.trackerStopMs of its end. */
  get ended(): Promise<void> {
    return this.#outcome.ended
  }

  get #isOver(): boolean {
    return this.#ending.signal.aborted
  }

  get #hasSources(): boolean {
    const { book } = this.#swarm
    const { giveUpAfterMs } = this.#options
    if (this.#underWayCount > 0 || this.#search.isHopeful) return true
    return giveUpAfterMs === Number.POSITIVE_INFINITY ? !book.isExhausted : book.size > 0
  }

  get #stall(): string {
    const { assembly, book, connectedCount } = this.#swarm
    return describeStall({
      knownPeers: book.size,
      bannedPeers: book.bannedCount,
      connectedPeers: connectedCount,
      usefulPeers: assembly.peerCount,
      unchokedPeers: assembly.peerCount,
      writingCount: 0,
      searchTrouble: this.#trouble,
    })
  }

  get #trouble(): string | undefined {
    const troubles = [this.#search.trouble, this.#urlTrouble].filter((text) => text !== undefined)
    return troubles.length === 0 ? undefined : troubles.join('; ')
  }

  #found(infoBytes: Uint8Array): void {
    if (this.#isOver) return
    const { addresses } = this.#swarm.book
    this.#letGo()
    this.#outcome.resolve({ infoBytes, addresses })
    const farewell = this.#options.goesOn ? this.#search.leave() : this.#search.stop()
    void farewell.then(() => this.#outcome.end())
  }

  #letGo(): void {
    this.#ending.abort()
    this.#swarm.close()
  }

  #count(work: Promise<void>): void {
    this.#underWayCount++
    work
      .catch((error: Error) => this.stop(error))
      .finally(() => {
        this.#underWayCount--
      })
  }

  async #lookUpPeers(): Promise<void> {
    for await (const addresses of eachLookedUp(this.#magnet.peers, this.#options.reach)) {
      if (this.#isOver) return
      this.#swarm.addAddresses(addresses, 'user')
    }
  }

  /** One after another: a link that names many is not to reach them all at once. */
  async #tryTorrentUrls(): Promise<void> {
    for (const url of this.#magnet.torrentUrls) {
      if (this.#isOver) return
      const infoOrTrouble = await this.#tryTorrentUrl(new URL(url))
      if (typeof infoOrTrouble !== 'string') return this.#found(infoOrTrouble)
      this.#urlTrouble = infoOrTrouble
    }
  }

  async #tryTorrentUrl(url: URL): Promise<Uint8Array | string> {
    const options = { reach: this.#options.reach, signal: this.#ending.signal }
    try {
      const { bytes } = await fetchTorrentFile(url, options)
      return unwrapInfo(bytes, this.#magnet.infoHash) ?? `${url.host} gave something else than the .torrent`
    } catch (error) {
      return (error as Error).message
    }
  }
}
