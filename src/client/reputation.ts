/**
 * What peers have proved to be: whose bytes did not match a hash, who broke the protocol. One that acted alone
 * is banned; several that shared a corrupt piece are on parole, each filling runs alone, until their bytes
 * tell who it was. Leaving saves nobody: what was sent before is remembered.
 */
import { PeerError, type PeerFault } from '../core/errors.js'
import { addressKey, type PeerAddress } from '../core/peer-address.js'
import type { PeerBook } from '../swarm/peer-book.js'
import type { Connection } from './connection.js'

/** What only a hostile or broken peer does: it is not dialled again. */
const BANNED_FAULTS: ReadonlySet<PeerFault> = new Set([
  'BAD_MESSAGE',
  'CORRUPT_PIECE',
  'FLOODING',
  'FRAME_TOO_LONG',
  'SELF_CONNECTION',
  'UNKNOWN_PIECE',
  'UNWANTED_BLOCKS',
])

/** So many who left are remembered: far more than can leave while a piece is hashed. */
const MOST_DEPARTED = 1_000

/** Bans behind one host after which it may not connect to us either, from whatever port. */
const MOST_BANS_PER_HOST = 3
/** So many hosts are remembered for that. */
const MOST_HOSTS = 10_000

export interface ReputationParts {
  readonly book: PeerBook
  /** By number. */
  readonly connections: ReadonlyMap<number, Connection>
  readonly banned: (address: PeerAddress, fault: PeerFault) => void
}

export class Reputation {
  readonly #book: PeerBook
  readonly #connections: ReadonlyMap<number, Connection>
  readonly #banned: (address: PeerAddress, fault: PeerFault) => void
  /** The addresses of peers that brought something and left, by their numbers. */
  readonly #departed = new Map<number, PeerAddress>()
  readonly #bansPerHost = new Map<string, number>()

  constructor(parts: ReputationParts) {
    this.#book = parts.book
    this.#connections = parts.connections
    this.#banned = parts.banned
  }

  /** True when connections from this host are not accepted. */
  isOutlawed(host: string): boolean {
    return (this.#bansPerHost.get(host) ?? 0) >= MOST_BANS_PER_HOST
  }

  /** The bytes of these peers did not match a hash. Answers their addresses. */
  blame(sources: ReadonlySet<number>): readonly PeerAddress[] {
    const suspects = [...sources].flatMap((number) => {
      return this.#connections.get(number)?.address ?? this.#departed.get(number) ?? []
    })
    for (const address of suspects) {
      if (sources.size === 1) this.#ban(address, 'CORRUPT_PIECE', 'all of a corrupt piece came from it')
      else this.#suspect(address)
    }
    return suspects
  }

  /** The bytes of these peers matched: one that delivered a piece alone is cleared. */
  clear(sources: ReadonlySet<number>): void {
    if (sources.size !== 1) return
    for (const number of sources) {
      const connection = this.#connections.get(number)
      if (connection?.peer.isOnParole !== true) continue
      connection.peer.isOnParole = false
      this.#book.setSuspect(connection.address, false)
    }
  }

  /** The peer has left; what it sent may still be on its way to the hash. */
  left(connection: Connection, reason: PeerError): void {
    if (connection.peer.usefulBytes > 0) this.#remember(connection)
    if (BANNED_FAULTS.has(reason.code)) this.#ban(connection.address, reason.code, reason.message)
  }

  #remember({ peer, address }: Connection): void {
    this.#departed.set(peer.number, address)
    if (this.#departed.size > MOST_DEPARTED) this.#departed.delete(this.#departed.keys().next().value!)
  }

  #ban(address: PeerAddress, fault: PeerFault, detail: string): void {
    if (!this.#book.ban(address)) return
    // Our own address is never dialled again, but whoever shares the host with us has done nothing.
    if (fault !== 'SELF_CONNECTION' && this.#bansPerHost.size < MOST_HOSTS) {
      this.#bansPerHost.set(address.host, (this.#bansPerHost.get(address.host) ?? 0) + 1)
    }
    this.#banned(address, fault)
    this.#connectionTo(address)?.session.close(new PeerError(fault, detail))
  }

  #suspect(address: PeerAddress): void {
    this.#book.setSuspect(address, true)
    const peer = this.#connectionTo(address)?.peer
    if (peer === undefined) return
    peer.isOnParole = true
    peer.run = undefined
  }

  #connectionTo(address: PeerAddress): Connection | undefined {
    const key = addressKey(address)
    for (const connection of this.#connections.values()) {
      if (addressKey(connection.address) === key) return connection
    }
    return undefined
  }
}
