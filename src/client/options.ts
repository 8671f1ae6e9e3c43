/** What a program may set: for the client (shared by its torrents) and for each torrent. */
import type { Writable } from 'node:stream'
import type { FoundAddress, PeerAddress, SourcedAddress } from '../core/peer-address.js'
import type { NodeAddress } from '../metainfo/metainfo.js'
import type { Encryption } from '../swarm/encryption.js'
import type { MetadataProgress, TorrentNotice, TorrentProgress } from './progress.js'

/** A path or URL of a .torrent, its bytes, a magnet link, or an info hash. */
export type TorrentSource = string | Uint8Array

/** How a client takes part in the DHT (BEP 5). IPv4 only. */
export interface DhtOptions {
  /** Nodes to begin with; names are asked of DNS. Those that everybody begins with. */
  readonly bootstrap?: readonly NodeAddress[]
  /** Ask, but answer nobody (BEP 43). False makes it a full node, as suits what runs for long. True. */
  readonly readOnly?: boolean
  /** A file that remembers nodes from run to run; made, with its folder, when missing. None. */
  readonly nodesFile?: string
}

/** Shared by all torrents of a client. */
export interface ClientOptions {
  /** Piece bytes in memory before peers are made to wait. 64 MiB; more helps only slow disks. */
  readonly memoryBytes?: number
  /** Threads that hash and write. One less than the cores, at most 4. */
  readonly workers?: number
  /** Where peers may connect to us; 0 takes any. 6881, or any when that is taken. */
  readonly port?: number
  /**
   * `prefer`: plain and encrypted connections, dialled plain first and encrypted when that is refused; `require`:
   * encrypted ones only, all of whose bytes are; `off`: plain ones only. `prefer`.
   */
  readonly encryption?: Encryption
  /** Payload of all torrents together, in bytes per second. Unlimited. */
  readonly maxDownloadBytesPerSecond?: number
  readonly maxUploadBytesPerSecond?: number
  /** Find peers in the DHT, but for private torrents, which are never looked for there; `false`: not at all. */
  readonly dht?: false | DhtOptions
  /** Announce torrents to the networks around this machine (BEP 14), but for private ones. True. */
  readonly lsd?: boolean
}

export interface TorrentOptions {
  /** The folder that gets the files (made when missing), or a stream that gets the one selected file in order. */
  readonly output: string | Writable
  /** Peers to dial besides those that are found: addresses, no names. */
  readonly peers?: readonly (FoundAddress | SourcedAddress)[]
  /**
   * Let its URLs, redirects, and what trackers tell of, lead to addresses that are not public (this machine, private
   * networks): always, or never. When it is not said: where an address or `localhost` is written in what you hand
   * over, and to the host of a URL that you hand over; not for what was fetched from a public server.
   */
  readonly allowPrivate?: boolean
  /** Ask the trackers of the metainfo. True. */
  readonly useTrackers?: boolean
  /** Hear of peers from peers (BEP 11), unless the torrent is private. True. */
  readonly usePex?: boolean
  /** Web seeds (BEP 19) besides those of the metainfo: http or https URLs. */
  readonly webSeeds?: readonly string[]
  /** Globs over paths below the output folder, or file numbers from 0 as `show` lists them. All files. */
  readonly select?: readonly (string | number)[]
  /** Fetch pieces in order rather than rarest first. False. */
  readonly sequential?: boolean
  /** `full` writes zeros over the whole of each file first, so that a full disk shows at once. `sparse`. */
  readonly allocate?: 'sparse' | 'full'
  /** Connections of this torrent. 200. */
  readonly maxPeers?: number
  /** Payload of this torrent, in bytes per second. Unlimited. */
  readonly maxDownloadBytesPerSecond?: number
  readonly maxUploadBytesPerSecond?: number
  /**
   * Go on seeding once complete, until the uploaded bytes are so many times the selected ones, or for so long
   * (milliseconds), whichever comes first; `true`: until it is stopped. Not what goes down a stream. False.
   */
  readonly seed?: boolean | { readonly ratio?: number; readonly timeMs?: number }
  /** False: nothing is fetched, and data that is not complete is a VerifyError. True. */
  readonly download?: boolean
  /** Give up (GaveUpError) when nothing came in for so long, in milliseconds. Never. */
  readonly giveUpAfterMs?: number
}

/** While a magnet link or an info hash is not a torrent yet. */
export interface MetadataCalls {
  /** Aborting ends the search; the promise rejects with its reason. */
  readonly signal?: AbortSignal
  /** Called four times a second while it is being looked for. */
  readonly onMetadataProgress?: (progress: MetadataProgress) => void
}

/** For {@link Client.fetchMetadata}. */
export interface MetadataOptions extends MetadataCalls {
  /** Peers to ask besides those of the link and its trackers. */
  readonly peers?: readonly PeerAddress[]
  /** As in {@link TorrentOptions}. */
  readonly allowPrivate?: boolean
  /** Ask the trackers of the link. True. */
  readonly useTrackers?: boolean
  /** Hear of peers from peers (BEP 11). True. */
  readonly usePex?: boolean
  /** Give up (GaveUpError NO_METADATA) when nothing came in for so long, in milliseconds. Never. */
  readonly giveUpAfterMs?: number
  /** An output folder: what is found is kept there until the download is complete. Nowhere. */
  readonly keepIn?: string
  /** The torrent is added next, so that trackers need not hear that we leave. False. */
  readonly goesOn?: boolean
}

/** For {@link fetchTorrent}: one torrent with a client of its own. */
export interface FetchOptions extends ClientOptions, TorrentOptions, MetadataCalls {
  /** Aborting stops the download; the promise rejects with StoppedError. What was verified stays on disk. */
  readonly signal?: AbortSignal
  /** Called every `progressIntervalMs` while it runs, and once at the end. */
  readonly onProgress?: (progress: TorrentProgress) => void
  /** Milliseconds between progress calls. 500. */
  readonly progressIntervalMs?: number
  readonly onNotice?: (notice: TorrentNotice) => void
}
