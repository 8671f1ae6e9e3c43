/**
 * Several torrents in one process that share what is scarce: the memory for pieces, the threads, the file
 * handles, new connections, the rate. It installs no process-wide handlers and keeps nothing open after
 * `close()`.
 */
import { randomBytes } from 'node:crypto'
import { DEFAULTS } from '../config.js'
import { systemClock, systemRandom } from '../core/clock.js'
import { OptionError } from '../core/errors.js'
import { sourced } from '../core/peer-address.js'
import { type PrivateReach, privateReach } from '../core/private-reach.js'
import { loadSource } from '../discovery/load-torrent.js'
import type { InfoHash, Metainfo } from '../metainfo/metainfo.js'
import { parseMetainfo } from '../metainfo/parse-metainfo.js'
import { type IncomingPeer, Listener } from '../peer/listener.js'
import { HandleCache } from '../storage/handle-cache.js'
import { PiecePool } from '../storage/piece-pool.js'
import { IMAGE_BYTES } from '../storage/piece-tasks.js'
import { Arena } from '../swarm/arena.js'
import { InfoHashIndex } from '../swarm/info-hash-index.js'
import { HttpConnections } from '../tracker/http-connections.js'
import { UdpConnections } from '../tracker/udp-connections.js'
import { WebConnections } from '../webseed/web-connections.js'
import { checkedPeers } from './checked-list.js'
import type { ClientResources } from './client-resources.js'
import { DhtDesk } from './dht-desk.js'
import { DialBudget } from './dial-budget.js'
import { ImageShelf } from './image-shelf.js'
import { LsdDesk } from './lsd-desk.js'
import { type FoundTorrent, MetadataDesk } from './metadata-desk.js'
import type {
  ClientOptions,
  MetadataCalls,
  MetadataOptions,
  TorrentOptions,
  TorrentSource,
} from './options.js'
import { OwnAddresses } from './own-addresses.js'
import { Selection } from './selection.js'
import { Torrent } from './torrent.js'
import { rateBucket } from './torrent-download.js'
import { checkClientOptions, checkTorrentOptions } from './torrent-options.js'
import { toFolder, toStream } from './torrent-output.js'

/** Rate limits are served this often; everything else that is periodic, every few of these. */
const THROTTLE_TICK_MS = 50
const TICK_MS = 250

export class Client {
  readonly #resources: ClientResources
  /** By info hash. */
  readonly #torrents = new Map<string, Torrent>()
  /** Torrents that have ended and are telling their trackers so. */
  readonly #farewells = new Set<Promise<void>>()
  readonly #metadata: MetadataDesk
  readonly #closing = new AbortController()
  readonly #listener: Listener
  /** What the options say. */
  readonly #askedPort: number | undefined
  /** Where peers may connect to us, once we listen. */
  #port: number
  #listening: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #lastTickMs = 0
  #tickCount = 0
  #closed: Promise<void> | undefined

  /** Throws OptionError BAD_OPTION. */
  constructor(options: ClientOptions = {}) {
    const checked = checkClientOptions(options)
    const nowMs = systemClock.now()
    this.#askedPort = checked.port
    this.#port = checked.port ?? DEFAULTS.port
    const port = () => this.#port
    this.#resources = {
      clock: systemClock,
      random: systemRandom,
      pool: new PiecePool({ minThreads: 1, maxThreads: checked.workers }),
      handles: new HandleCache(),
      arena: new Arena(checked.memoryBytes),
      http: new HttpConnections(),
      udp: new UdpConnections(),
      dht: checked.dht && new DhtDesk(checked.dht, systemClock, port),
      lsd: checked.lsd ? new LsdDesk(systemClock, port) : undefined,
      web: new WebConnections(),
      dialBudget: new DialBudget(nowMs),
      downloadBucket: rateBucket(checked.maxDownloadBytesPerSecond, nowMs),
      uploadBucket: rateBucket(checked.maxUploadBytesPerSecond, nowMs),
      imageShelf: new ImageShelf(Math.floor(DEFAULTS.uploadCacheBytes / IMAGE_BYTES)),
      encryption: checked.encryption,
      infoHashes: new InfoHashIndex(),
      peerId: makePeerId(),
      own: new OwnAddresses(port),
      port,
    }
    this.#metadata = new MetadataDesk(this.#resources)
    this.#listener = new Listener({
      clock: systemClock,
      encryption: checked.encryption,
      findInfoHash: (mark) => this.#resources.infoHashes.find(mark),
      onPeer: (peer) => this.#route(peer),
    })
  }

  /**
   * Begins a download, of a magnet link or an info hash once its metadata is there, or of what
   * {@link fetchMetadata} found. Rejects when it cannot begin: SourceError, MetainfoError, OptionError,
   * GaveUpError (NO_METADATA); what happens to it later is told by its `done`.
   */
  async add(
    source: TorrentSource | Metainfo | FoundTorrent,
    options: TorrentOptions,
    calls: MetadataCalls = {},
  ): Promise<Torrent> {
    checkTorrentOptions(options)
    const { metainfo, peers, reach, select } = await this.#find(source, options, calls)
    const checked = checkTorrentOptions(options, reach)
    const selection = await Selection.of(metainfo, options.select ?? select)
    await this.#openPort()
    const infoHash = metainfo.infoHash.hex
    if (this.#torrents.has(infoHash)) {
      throw new OptionError('DUPLICATE_TORRENT', `${metainfo.name} is being downloaded already`)
    }
    const parts = { metainfo, selection, options: checked, resources: this.#resources }
    const { output } = options
    const target = typeof output === 'string' ? toFolder(output, parts) : toStream(output, parts)
    const torrent = new Torrent({
      ...parts,
      ...target,
      options: { ...checked, sequential: checked.sequential || target.mustBeSequential },
      peers: sourced([...peers, ...checked.peers]),
      onEnded: (ended) => this.#forget(metainfo.infoHash, ended),
    })
    this.#torrents.set(infoHash, torrent)
    this.#resources.infoHashes.add(metainfo.infoHash.bytes)
    this.#timer ??= setInterval(() => this.#tick(), THROTTLE_TICK_MS)
    torrent.start()
    return torrent
  }

  /**
   * What a magnet link or an info hash stands for, from peers, without a download; of any other source, what
   * it says. Rejects as {@link add} does.
   */
  async fetchMetadata(source: TorrentSource, options: MetadataOptions = {}): Promise<FoundTorrent> {
    const { useTrackers = true, usePex = true, giveUpAfterMs = Number.POSITIVE_INFINITY } = options
    const peers = checkedPeers(options.peers)
    const { signal, onMetadataProgress: onProgress, keepIn: folder, goesOn = false, allowPrivate } = options
    const signals = signal === undefined ? [this.#closing.signal] : [this.#closing.signal, signal]
    const ending = AbortSignal.any(signals)
    const loaded = await loadSource(source, { allowPrivate, signal: ending })
    const { content } = loaded
    if (content instanceof Uint8Array) return asFound(parseMetainfo(content), loaded.reach)
    const known = this.#torrents.get(content.infoHash.hex)
    if (known !== undefined) return asFound(known.metainfo)
    await this.#openPort()
    const reach = privateReach(allowPrivate, loaded.reach)
    const search = {
      reach,
      useTrackers,
      usePex,
      giveUpAfterMs,
      peers,
      goesOn,
      folder,
      signal: ending,
      onProgress,
    }
    return await this.#metadata.find(content, search)
  }

  /** Where peers may connect to us; the one that was asked for until the first torrent is added. */
  get port(): number {
    return this.#port
  }

  /** Stops all torrents and lets go of everything. Resolves within seconds whatever peers and trackers do. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    this.#closing.abort(new OptionError('CLOSED', 'the client is closed'))
    await Promise.all([...this.#torrents.values()].map((torrent) => torrent.stop()))
    await this.#metadata.ended()
    await Promise.all(this.#farewells)
    clearInterval(this.#timer)
    // A port that is only just being opened would stay open and keep the process alive.
    await this.#listening?.catch(() => {})
    const { pool, http, udp, web, dht, lsd, handles } = this.#resources
    const connections = [http.close(), udp.close(), web.close(), dht?.close(), lsd?.close()]
    await Promise.all([this.#listener.close(), pool.close(), ...connections])
    await handles.close()
  }

  #throwIfClosed(): void {
    if (this.#closed !== undefined) throw new OptionError('CLOSED', 'the client is closed')
  }

  async #find(
    source: TorrentSource | Metainfo | FoundTorrent,
    { output, peers, allowPrivate, useTrackers, usePex, giveUpAfterMs }: TorrentOptions,
    calls: MetadataCalls,
  ): Promise<FoundTorrent> {
    if (typeof source === 'object' && 'metainfo' in source) return source
    if (typeof source === 'object' && 'infoHash' in source) return asFound(source)
    return await this.fetchMetadata(source, {
      ...calls,
      goesOn: true,
      ...(peers === undefined ? {} : { peers }),
      ...(allowPrivate === undefined ? {} : { allowPrivate }),
      ...(useTrackers === undefined ? {} : { useTrackers }),
      ...(usePex === undefined ? {} : { usePex }),
      ...(giveUpAfterMs === undefined ? {} : { giveUpAfterMs }),
      ...(typeof output === 'string' ? { keepIn: output } : {}),
    })
  }

  async #openPort(): Promise<void> {
    this.#throwIfClosed()
    this.#listening ??= this.#listen()
    await this.#listening
    this.#throwIfClosed()
  }

  /** A port that somebody chose must be had; the usual one may be taken by another client. */
  async #listen(): Promise<void> {
    try {
      this.#port = await this.#listener.listen(this.#port)
    } catch (cause) {
      if (this.#askedPort !== undefined) {
        const { code } = cause as NodeJS.ErrnoException
        throw new OptionError('PORT_UNAVAILABLE', `cannot listen on port ${this.#port} (${code})`, { cause })
      }
      this.#port = await this.#listener.listen(0)
    }
  }

  #route(peer: IncomingPeer): void {
    const torrent = this.#torrents.get(Buffer.from(peer.handshake.infoHash).toString('hex'))
    if (torrent !== undefined) torrent.takeIn(peer)
    else if (!this.#metadata.takeIn(peer)) peer.socket.destroy()
  }

  #forget(infoHash: InfoHash, torrent: Torrent): void {
    this.#torrents.delete(infoHash.hex)
    this.#resources.infoHashes.remove(infoHash.bytes)
    const farewell = torrent.stop().finally(() => this.#farewells.delete(farewell))
    this.#farewells.add(farewell)
    if (this.#torrents.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #tick(): void {
    const nowMs = this.#resources.clock.now()
    const isDue = nowMs - this.#lastTickMs >= TICK_MS
    if (isDue) this.#lastTickMs = nowMs
    for (const torrent of this.#inTurn()) {
      try {
        if (isDue) torrent.tick(nowMs)
        else torrent.pumpThrottled()
      } catch (error) {
        torrent.apply({ type: 'failed', error: error as Error })
      }
    }
  }

  /** Another comes first each time: what the first ones take of the rate limits, the others do not get. */
  #inTurn(): readonly Torrent[] {
    const torrents = [...this.#torrents.values()]
    const first = this.#tickCount++ % Math.max(1, torrents.length)
    return [...torrents.slice(first), ...torrents.slice(0, first)]
  }
}

function asFound(metainfo: Metainfo, reach: PrivateReach = 'spelled out'): FoundTorrent {
  return { metainfo, peers: [], reach, select: undefined }
}

/** BEP 20: two letters for the program, four digits for its version, and chance. */
function makePeerId(): Uint8Array {
  return Buffer.concat([Buffer.from('-SF0100-', 'latin1'), randomBytes(12)])
}
