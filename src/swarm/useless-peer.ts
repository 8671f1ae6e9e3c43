/**
 * Whom to let go when all connections are taken and others wait: peers that neither give nor take. Without
 * this, a few hundred mute or empty peers would keep a download from everybody else for ever.
 */

/** What a peer has been good for. Times are clock milliseconds. */
export interface PeerUse {
  readonly number: number
  /** Neither side wants anything of the other. */
  readonly isPointless: boolean
  /** It would take what it has asked for: our own limits hold that back. */
  readonly isKeptWaiting: boolean
  readonly connectedMs: number
  /** When it last brought or took something; minus infinity for never. */
  readonly usefulMs: number
}

/** So long a peer may be of no use: the turns of a choker are as long. */
const GRACE_MS = 30_000

/**
 * A peer that never will be of use, or the one that has been of none for the longest and had its chance; nobody whom we
 * keep waiting.
 */
export function findUseless(peers: Iterable<PeerUse>, nowMs: number): number | undefined {
  let worst: PeerUse | undefined
  for (const peer of peers) {
    if (peer.isKeptWaiting || nowMs - sinceMs(peer) < GRACE_MS) continue
    if (worst === undefined || sinceMs(peer) < sinceMs(worst)) worst = peer
  }
  return worst?.number
}

function sinceMs({ isPointless, connectedMs, usefulMs }: PeerUse): number {
  return isPointless ? Number.NEGATIVE_INFINITY : Math.max(connectedMs, usefulMs)
}
