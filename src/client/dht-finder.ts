/**
 * Finds a torrent's peers in the DHT (BEP 5) and announces us there: at once, soon again as long as we are alone,
 * and then every quarter of an hour.
 */
import { isIP } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { addressReach } from '../core/address-reach.js'
import type { Random } from '../core/clock.js'
import type { PrivateReach } from '../core/private-reach.js'
import type { Metainfo, NodeAddress } from '../metainfo/metainfo.js'
import type { DhtDesk } from './dht-desk.js'
import type { PeerFinder, SearchHost } from './peer-search.js'

export interface DhtFinderParts {
  /** One that is known by a magnet link only names no nodes. */
  readonly torrent: Pick<Metainfo, 'infoHash'> & Partial<Pick<Metainfo, 'nodes'>>
  /** Where these nodes may be. */
  readonly reach: PrivateReach
  readonly desk: DhtDesk
  readonly host: Pick<SearchHost, 'addAddresses' | 'connectedPeers' | 'failed'>
  readonly random: Random
  /** Peers, web seeds or trackers that may do without the DHT. */
  readonly hasOthers: () => boolean
  /** Resolves after so many milliseconds, or when it is aborted. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<void>
}

/** A fetch that has others to ask gets so long to do without the DHT: many are over by then. */
const GRACE_MS = 2_000
/** Most nodes remember an announce for half an hour. */
const INTERVAL_MS = 15 * 60_000
const FIRST_RETRY_MS = 15_000
/** After so many searches in a row that met no node, there is no DHT to be had from here. */
const HOPELESS_SEARCHES = 3

export class DhtFinder implements PeerFinder {
  readonly #parts: DhtFinderParts
  readonly #pause: (ms: number, signal: AbortSignal) => Promise<void>
  #running: AbortController | undefined
  /** Searches in a row that met no node. */
  #vainCount = 0

  constructor(parts: DhtFinderParts) {
    this.#parts = parts
    this.#pause = parts.pause ?? pauseUnlessAborted
  }

  get isHopeful(): boolean {
    return this.#vainCount < HOPELESS_SEARCHES
  }

  get trouble(): string | undefined {
    return this.#vainCount > 0 ? this.#parts.desk.trouble : undefined
  }

  start(): void {
    if (this.#running !== undefined) return
    const running = new AbortController()
    this.#running = running
    this.#parts.desk.suggest(this.#nodes())
    this.#run(running.signal).catch((error: Error) => this.#parts.host.failed(error))
  }

  /** The DHT knows no farewell: what it was told is forgotten there after a while. */
  async stop(): Promise<void> {
    this.#running?.abort()
    this.#running = undefined
  }

  /** Names are up to the node of ours, which follows none into networks beside us. */
  #nodes(): readonly NodeAddress[] {
    const { torrent, reach } = this.#parts
    const { nodes = [] } = torrent
    return reach === 'never' ? nodes.filter(({ host }) => isIP(host) === 0 || isPublic(host)) : nodes
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { desk, host, hasOthers } = this.#parts
    if (desk.isReadOnly && hasOthers()) await this.#pause(GRACE_MS, signal)
    for (let aloneCount = 0; !signal.aborted; ) {
      await this.#search(signal)
      await this.#pause(this.#retryMs(aloneCount), signal)
      aloneCount = host.connectedPeers() === 0 ? aloneCount + 1 : 0
      if (aloneCount === 0) await this.#pause(INTERVAL_MS, signal)
    }
  }

  async #search(signal: AbortSignal): Promise<void> {
    const { desk, host, torrent } = this.#parts
    const infoHash = torrent.infoHash.bytes
    await desk.search({ infoHash, signal, onPeers: (addresses) => host.addAddresses(addresses, 'dht') })
    if (signal.aborted) return
    this.#vainCount = desk.nodeCount > 0 ? 0 : this.#vainCount + 1
  }

  /** Twice as long each time, give or take a quarter, lest all torrents ask at once. */
  #retryMs(aloneCount: number): number {
    return Math.min(INTERVAL_MS, FIRST_RETRY_MS * 2 ** aloneCount) * (0.75 + this.#parts.random() / 2)
  }
}

function isPublic(host: string): boolean {
  return addressReach(host) === 'internet'
}

async function pauseUnlessAborted(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal, ref: false }).catch(() => {})
}
