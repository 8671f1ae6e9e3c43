/** The public names of the library, and nothing else. */
export { Client } from './client/client.js'
export type { CreateTorrentOptions } from './client/create-options.js'
export { type CreatedTorrent, createTorrent, type RenamedFile } from './client/create-torrent.js'
export { fetchTorrent } from './client/fetch-torrent.js'
export type { FoundTorrent } from './client/metadata-desk.js'
export type {
  ClientOptions,
  DhtOptions,
  FetchOptions,
  MetadataCalls,
  MetadataOptions,
  TorrentOptions,
  TorrentSource,
} from './client/options.js'
export type {
  MetadataProgress,
  TorrentNotice,
  TorrentPhase,
  TorrentProgress,
  TorrentResult,
} from './client/progress.js'
export type { Torrent } from './client/torrent.js'
export {
  type VerifiedFile,
  type VerifyReport,
  type VerifyTorrentOptions,
  verifyTorrent,
} from './client/verify-torrent.js'
export {
  GaveUpError,
  MetainfoError,
  OptionError,
  PeerError,
  SourceError,
  StoppedError,
  StorageError,
  SwarmfetchError,
  TrackerError,
  VerifyError,
} from './core/errors.js'
export { Geometry, type PieceIndex } from './core/geometry.js'
export type { PeerAddress } from './core/peer-address.js'
export type { InfoHash, Metainfo, MetainfoFile, NodeAddress } from './metainfo/metainfo.js'
export { parseMetainfo as parseTorrent } from './metainfo/parse-metainfo.js'
export type { Encryption } from './swarm/encryption.js'
export type { TrackerServerOptions } from './tracker-server/tracker-options.js'
export { TrackerServer } from './tracker-server/tracker-server.js'
export type { SwarmStats, TrackerStats } from './tracker-server/tracker-stats.js'
