/**
 * The searches for metadata that a client has under way (BEP 9), and what earlier ones left beside the data.
 * What it gives has passed the same gate as a .torrent.
 */
import { OptionError, StorageError } from '../core/errors.js'
import { type PeerSource, type SourcedAddress, sourced } from '../core/peer-address.js'
import type { PrivateReach } from '../core/private-reach.js'
import { lookUpPeers } from '../discovery/look-up-peers.js'
import type { Metainfo } from '../metainfo/metainfo.js'
import type { Magnet } from '../metainfo/parse-magnet.js'
import { parseInfoDict } from '../metainfo/parse-metainfo.js'
import { unwrapInfo, wrapInfo } from '../metainfo/wrap-info.js'
import type { IncomingPeer } from '../peer/listener.js'
import { MetadataFile } from '../storage/metadata-file.js'
import type { ClientResources } from './client-resources.js'
import { selectedByMagnet } from './magnet-selection.js'
import { type FoundMetadata, MetadataFetch, type MetadataFetchOptions } from './metadata-fetch.js'
import type { MetadataProgress } from './progress.js'

const TICK_MS = 250

export interface MetadataRequest extends MetadataFetchOptions {
  /** The output folder in which it is remembered; undefined: nowhere. */
  readonly folder: string | undefined
  readonly signal: AbortSignal
  readonly onProgress: ((progress: MetadataProgress) => void) | undefined
}

/** What a source stands for, and what else is known of it. */
export interface FoundTorrent {
  readonly metainfo: Metainfo
  /** Those that were heard of meanwhile. */
  readonly peers: readonly SourcedAddress[]
  /** Where its URLs may lead when the options do not say. */
  readonly reach: PrivateReach
  /** The files that the link asks for, as the option `select` takes them; undefined: all. */
  readonly select: readonly number[] | undefined
}

export class MetadataDesk {
  readonly #resources: ClientResources
  /** By info hash. */
  readonly #fetches = new Map<string, MetadataFetch>()
  readonly #endings = new Set<Promise<void>>()

  constructor(resources: ClientResources) {
    this.#resources = resources
  }

  /**
   * Rejects with GaveUpError NO_METADATA, MetainfoError, OptionError DUPLICATE_TORRENT, what `onProgress`
   * throws, or the reason of the signal.
   */
  async find(magnet: Magnet, request: MetadataRequest): Promise<FoundTorrent> {
    const { infoHash } = magnet
    const file = request.folder === undefined ? undefined : new MetadataFile(request.folder, infoHash.hex)
    const kept = await file?.read()
    const keptInfo = kept && unwrapInfo(kept, infoHash)
    const found = keptInfo === undefined ? await this.#fetch(magnet, request) : undefined
    const metainfo = parseInfoDict(keptInfo ?? found!.infoBytes, magnet)
    if (found !== undefined) await file?.write(wrapInfo(metainfo)).catch(unlessOfStorage)
    const heardOf = found?.addresses ?? sourced(await lookUpPeers(magnet.peers, request.reach))
    const peers = metainfo.isPrivate ? heardOf.filter(({ source }) => PRIVATE_SOURCES.has(source)) : heardOf
    return { metainfo, peers, reach: 'spelled out', select: selectedByMagnet(magnet, metainfo) }
  }

  /** False when nobody here is interested. */
  takeIn(peer: IncomingPeer): boolean {
    const fetch = this.#fetches.get(Buffer.from(peer.handshake.infoHash).toString('hex'))
    fetch?.takeIn(peer)
    return fetch !== undefined
  }

  /** Resolves when those that have ended have let go of everything. */
  async ended(): Promise<void> {
    await Promise.all(this.#endings)
  }

  async #fetch(magnet: Magnet, { signal, onProgress, ...options }: MetadataRequest): Promise<FoundMetadata> {
    signal.throwIfAborted()
    const { hex } = magnet.infoHash
    if (this.#fetches.has(hex))
      throw new OptionError('DUPLICATE_TORRENT', `${hex} is being looked for already`)
    const fetch = new MetadataFetch(magnet, this.#resources, options)
    this.#fetches.set(hex, fetch)
    this.#resources.infoHashes.add(magnet.infoHash.bytes)
    const ending = fetch.ended.finally(() => this.#endings.delete(ending))
    this.#endings.add(ending)
    const stop = () => fetch.stop(signal.reason as Error)
    signal.addEventListener('abort', stop, { once: true })
    const timer = setInterval(() => this.#tick(fetch, onProgress), TICK_MS)
    try {
      fetch.start()
      return await fetch.done
    } finally {
      clearInterval(timer)
      signal.removeEventListener('abort', stop)
      this.#fetches.delete(hex)
      this.#resources.infoHashes.remove(magnet.infoHash.bytes)
    }
  }

  #tick(fetch: MetadataFetch, onProgress: MetadataRequest['onProgress']): void {
    try {
      fetch.tick(this.#resources.clock.now())
      onProgress?.(fetch.progress())
    } catch (error) {
      fetch.stop(error as Error)
    }
  }
}

/**
 * Who may name peers of a private torrent (BEP 27), which shows only once its metadata is there: callers may have heard
 * of us anywhere until then.
 */
const PRIVATE_SOURCES: ReadonlySet<PeerSource> = new Set(['user', 'tracker'])

/** Without it the next run has to ask again. Whether anything can be written there the download will say. */
function unlessOfStorage(error: unknown): void {
  if (!(error instanceof StorageError)) throw error
}
