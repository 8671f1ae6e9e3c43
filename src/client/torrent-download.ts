/**
 * The moving parts of one download, wired once: runs are picked, admitted, requested, assembled and carried
 * to the disk. The torrent owns the state that they work on, and hears of changes through `apply`.
 */
import { DEFAULTS } from '../config.js'
import type { PeerFault, WebSeedError } from '../core/errors.js'
import { BLOCK_BYTES } from '../core/geometry.js'
import type { PeerAddress } from '../core/peer-address.js'
import { RateMeter } from '../core/rate-meter.js'
import { TokenBucket } from '../core/token-bucket.js'
import type { Metainfo } from '../metainfo/metainfo.js'
import type { PieceStore } from '../storage/piece-store.js'
import type { ArenaShare } from '../swarm/arena.js'
import { BlockScheduler } from '../swarm/block-scheduler.js'
import { PiecePicker } from '../swarm/piece-picker.js'
import type { RunGrid } from '../swarm/run-grid.js'
import { encodeCancels } from '../wire/encode-messages.js'
import { BlockImages, type BlockSource } from './block-images.js'
import type { ClientResources } from './client-resources.js'
import { DhtPorts } from './dht-ports.js'
import { LOST_PIECES } from './lost-pieces.js'
import { MetadataServer } from './metadata-server.js'
import { OfferedPieces } from './offered-pieces.js'
import { PeerExchange, type PeerExchangeHost } from './peer-exchange.js'
import { PeerExtensions } from './peer-extensions.js'
import { PieceFlow } from './piece-flow.js'
import type { PieceLedger } from './piece-ledger.js'
import { RequestPump } from './request-pump.js'
import type { Selection } from './selection.js'
import { Swarm } from './swarm.js'
import type { TorrentEvent } from './torrent-event.js'
import type { CheckedTorrentOptions } from './torrent-options.js'
import { Uploader, type UploaderHost } from './uploader.js'
import { listWebSeeds } from './web-seed-list.js'
import { WebSeeds, type WebSeedsParts } from './web-seeds.js'

/** The rates that are shown are averages over this time. */
const RATE_WINDOW_MS = 5_000

export interface DownloadParts {
  readonly resources: ClientResources
  readonly options: CheckedTorrentOptions
  readonly selection: Selection
  readonly metainfo: Metainfo
  readonly grid: RunGrid
  readonly store: PieceStore
  /** The output takes pieces in order, and may hold as many as memory allows. */
  readonly mustBeSequential: boolean
  readonly apply: (event: TorrentEvent) => void
  readonly pieces: PieceLedger
  /** Where blocks are read to be uploaded; undefined when what is stored cannot be read again. */
  readonly blocks: BlockSource | undefined
  readonly peerBanned: (address: PeerAddress, fault: PeerFault) => void
  readonly webSeedFailed: (url: string, error: WebSeedError, isDropped: boolean) => void
}

export interface TorrentDownload {
  readonly picker: PiecePicker
  readonly arena: ArenaShare
  readonly scheduler: BlockScheduler
  readonly flow: PieceFlow
  readonly uploader: Uploader | undefined
  readonly swarm: Swarm
  readonly webSeeds: WebSeeds
  /** The periodic pass. */
  tick(nowMs: number): void
  /** What a rate limit held back, in both directions. To be called more often than `tick`. */
  pumpThrottled(): void
  /** Payload bytes sent in this run. */
  readonly uploadedBytes: number
  readonly downloadRate: RateMeter
  readonly uploadRate: RateMeter
}

export function wireDownload(parts: DownloadParts): TorrentDownload {
  const { resources, options, grid, apply } = parts
  const { pieceCount } = grid.geometry
  const picker = new PiecePicker(
    pieceCount,
    options.sequential ? 'sequential' : 'rarestFirst',
    resources.random,
  )
  const arena = resources.arena.join(!parts.mustBeSequential)
  const flow = new PieceFlow({ grid, store: parts.store, apply })
  const scheduler = new BlockScheduler({
    grid,
    picker,
    arena,
    actions: {
      runFilled: (run) => flow.sendRun(run),
      pieceFilled: (run, slot) => flow.sendPiece(run, slot),
      cancel: (peer, request) => {
        if (!webSeeds.cancel(peer.number)) swarm.send(peer.number, encodeCancels([request]))
      },
    },
  })
  const nowMs = resources.clock.now()
  const buckets = [resources.downloadBucket, rateBucket(options.maxDownloadBytesPerSecond, nowMs)]
  const pump = new RequestPump({ clock: resources.clock, scheduler, arena, buckets })
  const failed = (error: Error) => apply({ type: 'failed', error })
  const isSeeding = () => parts.pieces.missingCount === 0
  const host = {
    infoHash: parts.metainfo.infoHash.bytes,
    pieceCount,
    isMissing: (index: number) => parts.pieces.isMissing(index),
    isSeeding,
    peerBanned: parts.peerBanned,
    webSeedAt: (number: number) => webSeeds.at(number),
    failed,
  }
  const uploader = wireUploader(parts, { connections: () => swarm.connections(), isSeeding, failed })
  const exchange = wireExchange(parts, {
    connections: () => swarm.connections(),
    isSeeding,
    heardOf: (addresses, teller) => swarm.addAddresses(addresses, 'pex', teller),
  })
  const swarm: Swarm = new Swarm({
    host,
    resources,
    scheduler,
    picker,
    pump,
    uploader,
    extensions: wireExtensions(parts, isSeeding, exchange),
    dhtPorts: wireDhtPorts(parts),
    exchange,
    maxPeers: options.maxPeers,
  })
  const webSeeds: WebSeeds = wireWebSeeds(parts, { swarm, scheduler, pump, crashed: failed })
  return {
    picker,
    arena,
    scheduler,
    flow,
    uploader,
    swarm,
    webSeeds,
    tick(nowMs) {
      swarm.tick(nowMs)
      webSeeds.tick(nowMs)
    },
    pumpThrottled() {
      const isThrottled = pump.isThrottled
      swarm.pumpThrottled()
      if (isThrottled) webSeeds.refill()
    },
    get uploadedBytes() {
      return uploader?.uploadedBytes ?? 0
    },
    downloadRate: new RateMeter(RATE_WINDOW_MS),
    uploadRate: new RateMeter(RATE_WINDOW_MS),
  }
}

/** BEP 27: a private torrent has no part in the DHT. */
function wireDhtPorts({ metainfo, resources }: DownloadParts): DhtPorts | undefined {
  return metainfo.isPrivate || resources.dht === undefined ? undefined : new DhtPorts(resources.dht)
}

function wireExtensions(
  { metainfo, resources }: DownloadParts,
  isUploadOnly: () => boolean,
  exchange: PeerExchange | undefined,
): PeerExtensions {
  const { infoBytes } = metainfo
  const own = { metadataBytes: infoBytes.length, port: resources.port, isUploadOnly }
  const extensions = [new MetadataServer(infoBytes, resources.clock), LOST_PIECES]
  return new PeerExtensions(exchange === undefined ? extensions : [...extensions, exchange], own)
}

/** Private torrents get their peers from their trackers alone (BEP 27). */
function wireExchange(
  { metainfo, options, resources }: DownloadParts,
  host: PeerExchangeHost,
): PeerExchange | undefined {
  return options.usePex && !metainfo.isPrivate ? new PeerExchange(resources.clock, host) : undefined
}

type WebSeedTools = Pick<WebSeedsParts, 'scheduler' | 'pump' | 'crashed'> & { readonly swarm: Swarm }

function wireWebSeeds(parts: DownloadParts, { swarm, ...tools }: WebSeedTools): WebSeeds {
  const { metainfo, options, resources, grid } = parts
  return new WebSeeds({
    ...tools,
    seeds: listWebSeeds(metainfo, options.webSeeds, options.reach),
    geometry: grid.geometry,
    connections: resources.web,
    clock: resources.clock,
    random: resources.random,
    takeNumber: () => swarm.takeNumber(),
    isAlone: () => swarm.unchokedCount === 0,
    failed: parts.webSeedFailed,
  })
}

type UploaderQuestions = Pick<UploaderHost, 'connections' | 'isSeeding' | 'failed'>

function wireUploader(parts: DownloadParts, questions: UploaderQuestions): Uploader | undefined {
  const { resources, options, blocks, pieces, grid } = parts
  if (blocks === undefined) return undefined
  const { geometry } = grid
  const offered = new OfferedPieces({
    geometry,
    have: pieces.have,
    selected: parts.selection.fileIndices(),
    canRead: (index) => blocks.canRead(index),
  })
  return new Uploader({
    host: { ...questions, geometry, infoHash: parts.metainfo.infoHash.bytes },
    offered,
    images: new BlockImages({
      geometry,
      source: blocks,
      shelf: resources.imageShelf,
      isReadable: (index) => offered.includes(index),
    }),
    buckets: [resources.uploadBucket, rateBucket(options.maxUploadBytesPerSecond, resources.clock.now())],
    slots: { downloading: DEFAULTS.uploadSlotsDownloading, seeding: DEFAULTS.uploadSlotsSeeding },
    clock: resources.clock,
    random: resources.random,
  })
}

/** A quarter of a second's worth may be requested at once, and always a block. */
export function rateBucket(bytesPerSecond: number, nowMs: number): TokenBucket {
  return new TokenBucket(bytesPerSecond, Math.max(BLOCK_BYTES, bytesPerSecond / 4), nowMs)
}
