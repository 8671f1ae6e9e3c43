/** What is said to a tracker and what it answers, whatever the transport. */
import type { PeerAddress } from '../core/peer-address.js'

export type AnnounceEvent = 'started' | 'completed' | 'stopped'

export interface AnnounceRequest {
  /** 20 bytes. */
  readonly infoHash: Uint8Array
  /** 20 bytes. */
  readonly peerId: Uint8Array
  /** Where we accept connections. */
  readonly port: number
  /** Payload bytes in this run. */
  readonly uploaded: number
  readonly downloaded: number
  /** Bytes still missing. */
  readonly left: number
  /** How many peers to send at most; 0 for none. */
  readonly numWant: number
  /** Undefined for a periodic announce. */
  readonly event: AnnounceEvent | undefined
  /** What this tracker called us in an earlier answer. */
  readonly trackerId: Uint8Array | undefined
  /** Lets the tracker know us again after our address changed; the same in all announces of a torrent. */
  readonly key: string
}

/** Checked and capped: nothing in it is as the tracker pleased. */
export interface AnnounceAnswer {
  readonly peers: readonly PeerAddress[]
  /** More peers, from the same tracker over the other family of addresses. Never rejects. */
  readonly later?: Promise<readonly PeerAddress[]>
  /** When the next periodic announce is due. */
  readonly intervalMs: number
  /** No announce earlier than this, not even when peers are lacking. Never above `intervalMs`. */
  readonly minIntervalMs: number
  readonly trackerId: Uint8Array | undefined
  /** For people; control characters removed. */
  readonly warning: string | undefined
  /** How many have everything, and how many do not, as the tracker claims. */
  readonly seedCount: number | undefined
  readonly leecherCount: number | undefined
}

/**
 * One announce, one answer. Rejects with a TrackerError, or with the signal's reason once that aborts; its
 * own time limit is the transport's business. `onSent` is called when the tracker has been reached and may hear
 * of us from now on, whether it answers or not; perhaps more than once.
 */
export type Announce = (
  tracker: URL,
  request: AnnounceRequest,
  signal: AbortSignal,
  onSent?: () => void,
) => Promise<AnnounceAnswer>

/** Who announces, by the protocol of the tracker's URL (`http:`). */
export type AnnounceTable = ReadonlyMap<string, Announce>
