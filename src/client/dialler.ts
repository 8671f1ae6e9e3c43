/**
 * Begins the connections of one torrent: keeps the addresses that were heard of in its peer book, and dials the
 * best of them within the client's budget as long as there is room for more peers.
 */
import { LIMITS } from '../config.js'
import type { FoundAddress, PeerAddress, PeerSource } from '../core/peer-address.js'
import type { ConnectionOrigin, PeerSession } from '../peer/peer-session.js'
import { PAYLOAD_CIPHERS } from '../swarm/encryption.js'
import { PeerBook } from '../swarm/peer-book.js'
import { PEER_SOURCES } from '../swarm/peer-sources.js'
import type { ClientResources } from './client-resources.js'

/** Addresses where nobody answers hold their places for a while: a tracker's peers never wait for strangers. */
const STRANGERS_PART = 0.8

/** A seed looks for other seeds again after so long: they may have lost something. */
const POINTLESS_MS = 1_800_000

/** What a connection looks like from here. */
export interface Dialled {
  readonly session: Pick<PeerSession, 'phase' | 'wasTurnedAway'>
  /** Under which it is busy in the peer book; undefined: it is not. */
  bookedAddress: PeerAddress | undefined
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
  /** Connections that have not been answered yet, by who named them: they count in the dial budget. */
  readonly #halfOpen = new Map<Peer, PeerSource>()
  #isOpen = false

  constructor(resources: ClientResources, host: DiallerHost<Peer>) {
    this.#resources = resources
    this.#host = host
    const { random, own } = resources
    this.book = new PeerBook(LIMITS.peersKnown, {
      random,
      isOwn: (address) => own.has(address),
      priorityOf: (address) => own.priorityOf(address),
      get priorityVersion() {
        return own.knownFamilyCount
      },
    })
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  /** From here on addresses are dialled. */
  open(): void {
    if (!this.#isOpen) {
      this.#resources.dialBudget.join()
      this.book.recall()
    }
    this.#isOpen = true
    this.dialMore()
  }

  /** Nothing is dialled any more; what was begun is for its owner to end. */
  close(): void {
    if (this.#isOpen) this.#resources.dialBudget.leave()
    this.#isOpen = false
  }

  /** `teller`: the host of the peer that named them, if one did. */
  addAddresses(addresses: readonly FoundAddress[], source: PeerSource, teller?: string): void {
    for (const address of addresses) this.book.add(address, source, teller)
    this.dialMore()
  }

  dialMore(): void {
    const nowMs = this.#resources.clock.now()
    for (const peer of this.#halfOpen.keys()) if (peer.session.phase !== 'connecting') this.answered(peer)
    while (this.#isOpen && !this.#host.isFull()) {
      if (!this.#resources.dialBudget.hasRoom(nowMs, this.#halfOpen.size)) return
      const address = this.book.next(nowMs, (source) => this.#loadOf(source))
      if (address === undefined) return
      const peer = this.#host.connect({ host: address.host, port: address.port }, this.#originFor(address))
      this.#halfOpen.set(peer, address.source)
      this.#resources.dialBudget.begun()
    }
  }

  /** The peer has answered, or never will. */
  answered(peer: Peer): void {
    if (this.#halfOpen.delete(peer)) this.#resources.dialBudget.ended()
  }

  /** A peer that has come to us listens there: it need not be dialled as long as it is here. */
  met(peer: Peer, address: PeerAddress): void {
    if (peer.bookedAddress === undefined && this.book.met(address)) peer.bookedAddress = address
  }

  /**
   * The connection is over, dialled by us or not. `wasUseful`: it brought something. `isPointless`: neither side wants
   * anything of the other.
   */
  ended(peer: Peer, wasUseful: boolean, isPointless = false): void {
    this.answered(peer)
    const { session, bookedAddress: address } = peer
    if (address === undefined) return
    if (!this.#isOpen) return this.book.released(address)
    const mayTryOtherwise = session.wasTurnedAway && this.#resources.encryption === 'prefer'
    if (mayTryOtherwise && this.book.tryOtherwise(address)) this.dialMore()
    else this.#endInBook(address, wasUseful, isPointless)
  }

  #endInBook(address: PeerAddress, wasUseful: boolean, isPointless: boolean): void {
    const leastMs = isPointless ? POINTLESS_MS : 0
    this.book.ended(address, wasUseful || isPointless, this.#resources.clock.now(), leastMs)
  }

  /** Connections that are being made to those whom it named; Infinity when it may begin no other. */
  #loadOf(source: PeerSource): number {
    let count = 0
    let strangerCount = 0
    for (const other of this.#halfOpen.values()) {
      if (other === source) count++
      if (PEER_SOURCES[other].trust !== 'chosen') strangerCount++
    }
    const mostStrangers = STRANGERS_PART * this.#resources.dialBudget.fairPart
    const isRefused = PEER_SOURCES[source].trust !== 'chosen' && strangerCount >= mostStrangers
    return isRefused ? Number.POSITIVE_INFINITY : count
  }

  /** Plain first: it takes a round trip less, and nearly all peers take it. */
  #originFor(address: PeerAddress): ConnectionOrigin {
    const { encryption } = this.#resources
    const isPlain = encryption === 'off' || (encryption === 'prefer' && !this.book.prefersEncryption(address))
    return { payloadCiphers: isPlain ? undefined : PAYLOAD_CIPHERS[encryption] }
  }
}
