/** What one peer has been told of the others (BEP 11), so that it hears only what is new. */
import { addressKey, type PeerAddress } from '../core/peer-address.js'

/** BEP 11 allows one message a minute, with 50 peers that came and 50 that left. */
const PAUSE_MS = 60_000
const MOST_AT_ONCE = 50

export class PexDiary {
  readonly #told = new Map<string, PeerAddress>()
  #toldMs = Number.NEGATIVE_INFINITY

  isDue(nowMs: number): boolean {
    return nowMs - this.#toldMs >= PAUSE_MS
  }

  /** What to tell it now, if there is anything; what does not fit is for the next time. */
  takeNews<Peer extends PeerAddress>(
    peers: readonly Peer[],
    nowMs: number,
  ): { readonly added: readonly Peer[]; readonly dropped: readonly PeerAddress[] } | undefined {
    const current = new Set(peers.map(addressKey))
    const added = peers.filter((peer) => !this.#told.has(addressKey(peer))).slice(0, MOST_AT_ONCE)
    const gone = [...this.#told].filter(([key]) => !current.has(key)).slice(0, MOST_AT_ONCE)
    if (added.length === 0 && gone.length === 0) return undefined
    this.#toldMs = nowMs
    for (const peer of added) this.#told.set(addressKey(peer), peer)
    for (const [key] of gone) this.#told.delete(key)
    return { added, dropped: gone.map(([, address]) => address) }
  }
}
