/**
 * Every error that swarmfetch raises on purpose, sorted by its cure. The code of each is stable and part of
 * the public interface; the message is for people and may change.
 *
 *   PeerError      drop that peer
 *   TrackerError   ask the next tracker
 *   WebSeedError   leave that web seed alone, for a while or for good
 *   StorageError, VerifyError, GaveUpError, StoppedError   this torrent ends; the data on disk stays resumable
 *   MetainfoError, SourceError, OptionError   tell the user: nothing was started
 */
export abstract class SwarmfetchError extends Error {
  abstract readonly code: string
}

export type PeerFault =
  | 'CONNECT_FAILED'
  | 'CONNECT_TIMEOUT'
  | 'HANDSHAKE_TIMEOUT'
  | 'BAD_HANDSHAKE'
  | 'WRONG_INFO_HASH'
  | 'SELF_CONNECTION'
  | 'DUPLICATE_CONNECTION'
  | 'FRAME_TOO_LONG'
  | 'BAD_MESSAGE'
  | 'FLOODING'
  | 'UNKNOWN_PIECE'
  | 'UNWANTED_BLOCKS'
  | 'CORRUPT_PIECE'
  | 'IDLE'
  | 'USELESS'
  | 'CLOSED'

/** One peer misbehaved or vanished. The cure is always the same: drop that peer. */
export class PeerError extends SwarmfetchError {
  override readonly name = 'PeerError'
  constructor(
    readonly code: PeerFault,
    detail: string,
    options?: ErrorOptions,
  ) {
    super(detail, options)
  }
}

export type TrackerFault =
  | 'UNREACHABLE'
  | 'FORBIDDEN_ADDRESS'
  | 'TIMEOUT'
  | 'HTTP_STATUS'
  | 'BODY_TOO_LARGE'
  | 'TOO_MANY_REDIRECTS'
  | 'BAD_RESPONSE'
  | 'REFUSED'
  | 'UNSUPPORTED_SCHEME'

/** One tracker failed or refused (`REFUSED`: its own failure reason). The cure: ask the next one. */
export class TrackerError extends SwarmfetchError {
  override readonly name = 'TrackerError'
  /** So long it wants to be left alone, in milliseconds (BEP 31); Infinity: for ever. */
  readonly retryAfterMs: number
  constructor(
    readonly code: TrackerFault,
    detail: string,
    options?: ErrorOptions & { readonly retryAfterMs?: number },
  ) {
    super(detail, options)
    this.retryAfterMs = options?.retryAfterMs ?? 0
  }
}

export type WebSeedFault =
  | 'UNREACHABLE'
  | 'FORBIDDEN_ADDRESS'
  | 'TIMEOUT'
  | 'CUT_SHORT'
  | 'BUSY'
  | 'SERVER_ERROR'
  | 'NOT_FOUND'
  | 'HTTP_STATUS'
  | 'TOO_MANY_REDIRECTS'
  | 'BAD_RESPONSE'
  | 'WRONG_LENGTH'
  | 'NO_RANGES'
  | 'CORRUPT_PIECE'

/** One web seed failed or misbehaved. The cure: leave it alone, for a while or for good. */
export class WebSeedError extends SwarmfetchError {
  override readonly name = 'WebSeedError'
  constructor(
    readonly code: WebSeedFault,
    detail: string,
    options?: ErrorOptions,
    /** When the server wants to be asked again, in milliseconds from now. */
    readonly retryAfterMs?: number,
  ) {
    super(detail, options)
  }
}

export type MetainfoFault =
  | 'BAD_BENCODE'
  | 'TOO_LARGE'
  | 'NOT_A_TORRENT'
  | 'BAD_INFO'
  | 'BAD_NAME'
  | 'BAD_PIECE_LENGTH'
  | 'BAD_PIECES'
  | 'BAD_FILES'
  | 'V2_ONLY'
  | 'BAD_MAGNET'

/** A .torrent or magnet link is broken, hostile or of a kind that is not supported. Nothing was started. */
export class MetainfoError extends SwarmfetchError {
  override readonly name = 'MetainfoError'
  constructor(
    readonly code: MetainfoFault,
    detail: string,
    options?: ErrorOptions,
  ) {
    super(detail, options)
  }
}

export type SourceFault =
  | 'NOT_FOUND'
  | 'UNREADABLE'
  | 'FETCH_FAILED'
  | 'FORBIDDEN_ADDRESS'
  | 'UNSUPPORTED_SOURCE'

/** The .torrent itself could not be had from its file or URL. */
export class SourceError extends SwarmfetchError {
  override readonly name = 'SourceError'
  constructor(
    readonly code: SourceFault,
    detail: string,
    options?: ErrorOptions,
  ) {
    super(detail, options)
  }
}

export type StorageFault =
  | 'DISK_FULL'
  | 'PERMISSION_DENIED'
  | 'READ_ONLY'
  | 'UNSAFE_PATH'
  | 'TOO_MANY_FILES'
  | 'NOT_A_FILE'
  | 'NOT_FOUND'
  | 'BAD_NAME'
  | 'FILE_CHANGED'
  | 'IO_ERROR'

/**
 * Our own disk failed, or holds what cannot be shared. Never a peer's fault: the torrent stops, and what was
 * verified stays on disk.
 */
export class StorageError extends SwarmfetchError {
  override readonly name = 'StorageError'
  constructor(
    readonly code: StorageFault,
    detail: string,
    /** The file or folder concerned. */
    readonly path: string,
    options?: ErrorOptions,
  ) {
    super(detail, options)
  }
}

export type VerifyFault = 'INCOMPLETE'

/** Data on disk is not what the metainfo says, where it is to be verified or seeded. */
export class VerifyError extends SwarmfetchError {
  override readonly name = 'VerifyError'
  constructor(
    readonly code: VerifyFault,
    detail: string,
  ) {
    super(detail)
  }
}

export type GaveUpFault = 'NO_PEERS' | 'NO_PROGRESS' | 'NO_METADATA'

/** Nothing came in for as long as the caller was willing to wait. */
export class GaveUpError extends SwarmfetchError {
  override readonly name = 'GaveUpError'
  constructor(
    readonly code: GaveUpFault,
    detail: string,
  ) {
    super(detail)
  }
}

/** The caller stopped the torrent before it was complete; it can be continued. */
export class StoppedError extends SwarmfetchError {
  override readonly name = 'StoppedError'
  readonly code = 'STOPPED'
}

export type OptionFault =
  | 'BAD_OPTION'
  | 'NOTHING_SELECTED'
  | 'MEMORY_TOO_SMALL'
  | 'PORT_UNAVAILABLE'
  | 'CLOSED'
  | 'DUPLICATE_TORRENT'
  | 'DUPLICATE_OUTPUT'
  | 'OUTPUT_EXISTS'

/** An option or a call makes no sense. */
export class OptionError extends SwarmfetchError {
  override readonly name = 'OptionError'
  constructor(
    readonly code: OptionFault,
    detail: string,
    options?: ErrorOptions,
  ) {
    super(detail, options)
  }
}
