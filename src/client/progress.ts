/**
 * What a torrent tells the outside: a snapshot that can be asked for at any time, and notices of what happened.
 */

export type TorrentPhase =
  | 'checking'
  | 'downloading'
  | 'seeding'
  | 'paused'
  | 'complete'
  | 'stopped'
  | 'failed'

/** It has peers, or may have. */
export function isRunning(phase: TorrentPhase): boolean {
  return phase === 'downloading' || phase === 'seeding'
}

/** Nothing will change any more. */
export function isOver(phase: TorrentPhase): boolean {
  return phase === 'complete' || phase === 'stopped' || phase === 'failed'
}

/** A snapshot. Byte counts concern the selected files; rates are averages over the last few seconds. */
export interface TorrentProgress {
  readonly phase: TorrentPhase
  readonly infoHash: string
  readonly name: string
  /** Selected bytes. */
  readonly totalBytes: number
  /** Selected bytes that are verified and on disk. */
  readonly completedBytes: number
  /** Bytes of existing data hashed so far, and to hash, in the phase `checking`. */
  readonly checkedBytes: number
  readonly bytesToCheck: number
  /** Payload bytes received from peers and web seeds in this run, and how many of them were of no use. */
  readonly downloadedBytes: number
  readonly wastedBytes: number
  /** Payload bytes sent to peers in this run, and in earlier ones. */
  readonly uploadedBytes: number
  readonly uploadedBytesBefore: number
  readonly downloadBytesPerSecond: number
  readonly uploadBytesPerSecond: number
  /** Undefined when nothing comes in. */
  readonly etaSeconds: number | undefined
  readonly connectedPeers: number
  /** Connected peers that let us download. */
  readonly unchokedPeers: number
  readonly knownPeers: number
  /** Web seeds that are being read from. */
  readonly webSeeds: number
  readonly pieceCount: number
  readonly verifiedPieces: number
  /** One short sentence for people when nothing comes in, such as "no peers; tracker x: timed out". */
  readonly stall: string | undefined
}

/** Something that happened, once. Every notice can be written as one line of JSON. */
export type TorrentNotice =
  | { readonly type: 'phase'; readonly phase: TorrentPhase }
  | {
      readonly type: 'trackerAnswered'
      readonly tracker: string
      readonly peers: number
      readonly warning?: string
    }
  | {
      readonly type: 'trackerFailed'
      readonly tracker: string
      readonly code: string
      readonly message: string
    }
  | { readonly type: 'pieceCorrupt'; readonly piece: number; readonly peers: readonly string[] }
  | { readonly type: 'peerBanned'; readonly peer: string; readonly code: string }
  /** It is left alone, for a while or (`isDropped`) for good. */
  | {
      readonly type: 'webSeedFailed'
      readonly webSeed: string
      readonly code: string
      readonly message: string
      readonly isDropped: boolean
    }
  /** The state cannot be saved beside the data: until a later try succeeds, the next run has to hash more. */
  | { readonly type: 'resumeNotSaved'; readonly code: string; readonly message: string }

/** How far the search for the metadata of a magnet link is. */
export interface MetadataProgress {
  readonly infoHash: string
  /** What the link calls the torrent, or the info hash. */
  readonly name: string
  /** Bytes of metadata that came in, not yet verified. */
  readonly receivedBytes: number
  readonly connectedPeers: number
  readonly knownPeers: number
  /** One short sentence for people as long as nothing has come in. */
  readonly stall: string | undefined
}

/** What a finished download leaves behind. */
export interface TorrentResult {
  readonly infoHash: string
  readonly name: string
  /** Absolute paths of the selected files, in the order of the metainfo. Empty when written to a stream. */
  readonly files: readonly string[]
  readonly totalBytes: number
  readonly downloadedBytes: number
  readonly wastedBytes: number
  readonly uploadedBytes: number
  readonly elapsedMs: number
}
