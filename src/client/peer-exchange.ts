/**
 * Peer exchange (BEP 11): tells each peer whom else it could connect to, and hears the same from it. Only addresses
 * that accept connections are told: those that we dialled, and those that say where they listen. Nobody is told of
 * networks that are nearer to us than he is.
 */
import { mayTellOf } from '../core/address-reach.js'
import type { Clock } from '../core/clock.js'
import { addressKey, type FoundAddress } from '../core/peer-address.js'
import { PexDiary } from '../swarm/pex-diary.js'
import { PexEar } from '../swarm/pex-ear.js'
import { encodePex, type PexPeer } from '../wire/pex-messages.js'
import type { Connection } from './connection.js'
import type { ExtensionPeer, PeerExtension } from './peer-extensions.js'

export interface PeerExchangeHost {
  connections(): Iterable<Connection>
  /** Nothing is missing: those who have everything, too, are of no use. */
  isSeeding(): boolean
  /** `teller`: the host of the peer that names them. */
  heardOf(addresses: readonly FoundAddress[], teller: string): void
}

/** What was said between us and one peer. */
interface Talk {
  readonly diary: PexDiary
  readonly ear: PexEar
}

export class PeerExchange implements PeerExtension {
  readonly name = 'ut_pex'
  readonly #clock: Clock
  readonly #host: PeerExchangeHost
  readonly #talks = new WeakMap<ExtensionPeer, Talk>()

  constructor(clock: Clock, host: PeerExchangeHost) {
    this.#clock = clock
    this.#host = host
  }

  /** Throws PeerError BAD_MESSAGE, FLOODING. */
  hear(peer: ExtensionPeer, payload: Uint8Array): void {
    const named = this.#talkWith(peer).ear.hear(payload, this.#clock.now())
    const useful = this.#host.isSeeding() ? named.filter(({ isSeed }) => !isSeed) : named
    if (useful.length > 0) this.#host.heardOf(useful, peer.address.host)
  }

  /** The periodic pass: tells those whose turn it is. */
  tick(nowMs: number): void {
    let present: ReadonlyMap<string, PexPeer> | undefined
    for (const connection of this.#host.connections()) {
      const { extensionIds, session } = connection
      const id = extensionIds.get('ut_pex')
      if (id === undefined || session.phase !== 'open') continue
      const { diary } = this.#talkWith(connection)
      if (!diary.isDue(nowMs)) continue
      present ??= this.#presentPeers()
      const news = diary.takeNews(present, concerning(connection), nowMs)
      if (news !== undefined) session.send(encodePex(id, news))
    }
  }

  #talkWith(peer: ExtensionPeer): Talk {
    let talk = this.#talks.get(peer)
    if (talk === undefined) {
      talk = { diary: new PexDiary(), ear: new PexEar(peer.address.host, this.#clock.now()) }
      this.#talks.set(peer, talk)
    }
    return talk
  }

  /** By where they listen. An address that holds on one link only is nothing to tell. */
  #presentPeers(): ReadonlyMap<string, PexPeer> {
    const present = new Map<string, PexPeer>()
    for (const { listenAddress, session, peer, isUploadOnly } of this.#host.connections()) {
      if (listenAddress === undefined || session.phase !== 'open' || listenAddress.host.includes('%'))
        continue
      const isSeed = isUploadOnly || peer.has.isFull
      const { isEncrypted: prefersEncryption, isIncoming } = session
      const told = { ...listenAddress, prefersEncryption, isSeed, isReachable: !isIncoming }
      present.set(addressKey(listenAddress), told)
    }
    return present
  }
}

/** Whether that peer may hear of another. */
function concerning({ address, listenAddress }: Connection): (told: PexPeer) => boolean {
  return (told) => {
    const isItself = told.port === listenAddress?.port && told.host === listenAddress.host
    return !isItself && mayTellOf(address.host, told.host)
  }
}
