/**
 * Begins the connections of one torrent: keeps the addresses that were heard of in its peer book, and dials the
 * best of them within the client's budget as long as there is room for more peers.
 */
import { LIMITS } from '../config.js'
import type { FoundAddress, PeerAddress, PeerSource } from '../core/peer-address.js'
import type { ConnectionOrigin, PeerSession } from '../peer/peer-session.js'
import { PAYLOAD_CIPHERS } from '../swarm/encryption.js'
import { PeerBook } from '../swarm/peer-book.js'
import type { ClientResources } from './client-resources.js'

/** What a connection looks like from here. */
export interface Dialled {
  readonly session: Pick<PeerSession, 'phase' | 'wasTurnedAway'>
  /** Under which it is busy in the peer book; undefined: it is not. */
  readonly bookedAddress: PeerAddress | undefined
}

export interface DiallerHost<Peer extends Dialled> {
  /** There is no room for another peer. */
  isFull(): boolean
  connect(address: PeerAddress, origin: ConnectionOrigin): Peer
}

export class Dialler<Peer extends Dialled> {
  readonly book: PeerBook
  readonly #host: DiallerHost<Peer>
  readonly #resources: ClientResources
  /** Connections that have not been answered yet: they count in the dial budget. */
  readonly #halfOpen = new Set<Peer>()
  #isOpen = false

  constructor(resources: ClientResources, host: DiallerHost<Peer>) {
    this.#resources = resources
    this.#host = host
    this.book = new PeerBook(LIMITS.peersKnown, resources.random)
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  /** From here on addresses are dialled. */
  open(): void {
    if (!this.#isOpen) this.#resources.dialBudget.join()
    this.#isOpen = true
    this.dialMore()
  }

  /** Nothing is dialled any more; what was begun is for its owner to end. */
  close(): void {
    if (this.#isOpen) this.#resources.dialBudget.leave()
    this.#isOpen = false
  }

  addAddresses(addresses: readonly FoundAddress[], source: PeerSource): void {
    for (const address of addresses) this.book.add(address, source)
    this.dialMore()
  }

  dialMore(): void {
    const nowMs = this.#resources.clock.now()
    for (const peer of this.#halfOpen) if (peer.session.phase !== 'connecting') this.answered(peer)
    while (this.#isOpen && !this.#host.isFull()) {
      if (!this.#resources.dialBudget.hasRoom(nowMs, this.#halfOpen.size)) return
      const address = this.book.next(nowMs)
      if (address === undefined) return
      this.#halfOpen.add(this.#host.connect(address, this.#originFor(address)))
      this.#resources.dialBudget.begun()
    }
  }

  /** The peer has answered, or never will. */
  answered(peer: Peer): void {
    if (this.#halfOpen.delete(peer)) this.#resources.dialBudget.ended()
  }

  /** The connection is over, dialled by us or not. `wasUseful`: it brought something. */
  ended(peer: Peer, wasUseful: boolean): void {
    this.answered(peer)
    const { session, bookedAddress: address } = peer
    if (address === undefined) return
    if (!this.#isOpen) return this.book.released(address)
    const mayTryOtherwise = session.wasTurnedAway && this.#resources.encryption === 'prefer'
    if (mayTryOtherwise && this.book.tryOtherwise(address)) this.dialMore()
    else this.book.ended(address, wasUseful, this.#resources.clock.now())
  }

  /** Plain first: it takes a round trip less, and nearly all peers take it. */
  #originFor(address: PeerAddress): ConnectionOrigin {
    const { encryption } = this.#resources
    const isPlain = encryption === 'off' || (encryption === 'prefer' && !this.book.prefersEncryption(address))
    return { payloadCiphers: isPlain ? undefined : PAYLOAD_CIPHERS[encryption] }
  }
}
