/**
 * Peer exchange (BEP 11): tells each peer whom else it could connect to, and hears the same from it. Only addresses
 * that accept connections are told: those that we dialled, and those that say where they listen.
 */

import type { Clock } from '../core/clock.js'
import { addressKey, type PeerAddress } from '../core/peer-address.js'
import { TokenBucket } from '../core/token-bucket.js'
import { PexDiary } from '../swarm/pex-diary.js'
import { decodePex, encodePex, type PexPeer } from '../wire/pex-messages.js'
import type { Connection } from './connection.js'
import type { ExtensionPeer, PeerExtension } from './peer-extensions.js'

/** Taken of one message, of each family of addresses. */
export const PEX_PEERS = 50
/** A peer may tell us once a minute; some are earlier now and then. */
const HEARD_PER_SECOND = 1 / 45
const HEARD_AT_ONCE = 4

export interface PeerExchangeHost {
  connections(): Iterable<Connection>
  heardOf(addresses: readonly PeerAddress[]): void
}

export class PeerExchange implements PeerExtension {
  readonly name = 'ut_pex'
  readonly #clock: Clock
  readonly #host: PeerExchangeHost
  readonly #diaries = new WeakMap<ExtensionPeer, PexDiary>()
  readonly #patience = new WeakMap<ExtensionPeer, TokenBucket>()

  constructor(clock: Clock, host: PeerExchangeHost) {
    this.#clock = clock
    this.#host = host
  }

  /** What comes too often is not listened to. Throws PeerError BAD_MESSAGE. */
  hear(peer: ExtensionPeer, payload: Uint8Array): void {
    const nowMs = this.#clock.now()
    let patience = this.#patience.get(peer)
    if (patience === undefined) {
      patience = new TokenBucket(HEARD_PER_SECOND, HEARD_AT_ONCE, nowMs)
      this.#patience.set(peer, patience)
    }
    if (patience.available(nowMs) < 1) return
    patience.take(1)
    this.#host.heardOf(decodePex(payload, PEX_PEERS))
  }

  /** The periodic pass: tells those whose turn it is. */
  tick(nowMs: number): void {
    let all: readonly PexPeer[] | undefined
    for (const connection of this.#host.connections()) {
      const id = connection.extensionIds.get('ut_pex')
      if (id === undefined || connection.session.phase !== 'open') continue
      const diary = this.#diaryOf(connection)
      if (!diary.isDue(nowMs)) continue
      all ??= this.#knownPeers()
      const own = ownKey(connection)
      const news = diary.takeNews(
        all.filter((peer) => addressKey(peer) !== own),
        nowMs,
      )
      if (news !== undefined) connection.session.send(encodePex(id, news))
    }
  }

  #diaryOf(peer: ExtensionPeer): PexDiary {
    let diary = this.#diaries.get(peer)
    if (diary === undefined) {
      diary = new PexDiary()
      this.#diaries.set(peer, diary)
    }
    return diary
  }

  #knownPeers(): PexPeer[] {
    return [...this.#host.connections()].flatMap((connection) => {
      const { peer, session, listenAddress, isUploadOnly } = connection
      if (listenAddress === undefined || session.phase !== 'open') return []
      const isSeed = isUploadOnly || peer.has.isFull
      return [{ ...listenAddress, isSeed, isReachable: !session.isIncoming }]
    })
  }
}

function ownKey({ listenAddress }: Connection): string | undefined {
  return listenAddress === undefined ? undefined : addressKey(listenAddress)
}
