/** What one peer has been told of the others (BEP 11), so that it hears only what is new. */
import type { PeerAddress } from '../core/peer-address.js'

/** BEP 11 allows one message a minute, with 50 peers that came and 50 that left. */
const PAUSE_MS = 60_000
const MOST_AT_ONCE = 50
/** More than anybody connects to; every peer has such a list. */
const MOST_TOLD = 200

export interface PexNewsOf<Peer> {
  readonly added: readonly Peer[]
  readonly dropped: readonly PeerAddress[]
}

export class PexDiary {
  /** Those that it has been told of and that were not gone then. */
  readonly #told = new Map<string, PeerAddress>()
  #toldMs = Number.NEGATIVE_INFINITY

  isDue(nowMs: number): boolean {
    return nowMs - this.#toldMs >= PAUSE_MS
  }

  /**
   * What to tell it now, if there is anything; what does not fit is for the next time. `present`: by address;
   * `concerns`: whether it may hear of that one.
   */
  takeNews<Peer extends PeerAddress>(
    present: ReadonlyMap<string, Peer>,
    concerns: (peer: Peer) => boolean,
    nowMs: number,
  ): PexNewsOf<Peer> | undefined {
    const dropped = this.#takeGone(present)
    const added = this.#takeNew(present, concerns)
    if (added.length === 0 && dropped.length === 0) return undefined
    this.#toldMs = nowMs
    return { added, dropped }
  }

  #takeGone(present: ReadonlyMap<string, PeerAddress>): PeerAddress[] {
    const gone: PeerAddress[] = []
    for (const [key, address] of this.#told) {
      if (gone.length === MOST_AT_ONCE) break
      if (present.has(key)) continue
      gone.push(address)
      this.#told.delete(key)
    }
    return gone
  }

  #takeNew<Peer extends PeerAddress>(
    present: ReadonlyMap<string, Peer>,
    concerns: (peer: Peer) => boolean,
  ): Peer[] {
    const news: Peer[] = []
    for (const [key, peer] of present) {
      if (news.length === MOST_AT_ONCE || this.#told.size === MOST_TOLD) break
      if (this.#told.has(key) || !concerns(peer)) continue
      news.push(peer)
      this.#told.set(key, peer)
    }
    return news
  }
}
