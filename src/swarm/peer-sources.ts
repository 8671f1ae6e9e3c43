/**
 * What is thought of those who name addresses. The most trusted come first, but nobody gets everything: neither the
 * book nor the connections that are being made, for a tracker may be full of dead addresses as well.
 */
import type { PeerSource } from '../core/peer-address.js'

/**
 * `chosen`: by the user, or by whoever made the torrent. `seen`: they came to us, or were heard on our own network;
 * only the port is a claim, but one host can make many. `hearsay`: anybody can name anybody, for nothing.
 */
export type Trust = 'chosen' | 'seen' | 'hearsay'

export interface SourceTraits {
  readonly trust: Trust
  /** Lower goes first. */
  readonly rank: number
  /** The part of the book that it may fill. */
  readonly share: number
  /** When several have somebody to dial, each gets connections in this proportion. */
  readonly weight: number
}

/** The DHT asks several nodes before it believes; in peer exchange it is one peer's word. */
export const PEER_SOURCES: Readonly<Record<PeerSource, SourceTraits>> = {
  user: { trust: 'chosen', rank: 0, share: 1, weight: 8 },
  tracker: { trust: 'chosen', rank: 1, share: 2 / 3, weight: 8 },
  lsd: { trust: 'seen', rank: 2, share: 1 / 10, weight: 4 },
  incoming: { trust: 'seen', rank: 3, share: 1 / 3, weight: 2 },
  dht: { trust: 'hearsay', rank: 4, share: 1 / 2, weight: 4 },
  pex: { trust: 'hearsay', rank: 5, share: 1 / 3, weight: 4 },
}
