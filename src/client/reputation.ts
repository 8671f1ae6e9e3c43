/**
 * What peers have proved to be: whose bytes did not match a hash, who broke the protocol. One that acted alone
 * is banned; several that shared a corrupt piece are on parole, each filling runs alone, until their bytes
 * tell who it was. Leaving saves nobody: what was sent before is remembered.
 */
import { PeerError, type PeerFault } from '../core/errors.js'
import { addressKey, householdOf, type PeerAddress } from '../core/peer-address.js'
import type { PeerBook } from '../swarm/peer-book.js'
import type { Connection } from './connection.js'

/** What only a hostile or broken peer does: it is not dialled again. */
const BANNED_FAULTS: ReadonlySet<PeerFault> = new Set([
  'BAD_MESSAGE',
  'CORRUPT_PIECE',
  'FLOODING',
  'FRAME_TOO_LONG',
  'UNKNOWN_PIECE',
  'UNWANTED_BLOCKS',
])

/** So many who left are remembered: far more than can leave while a piece is hashed. */
const MOST_DEPARTED = 1_000

/** Bans behind one host after which it may not connect to us either, from whatever port. */
const MOST_BANS_PER_HOST = 3
/** So many hosts are remembered for that. */
const MOST_HOSTS = 10_000

/** Somebody whose bytes are in a piece that did not match its hash, or in one that did. */
export interface Suspect {
  readonly name: string
  /** It alone can have sent what was wrong. */
  ban(detail: string): void
  /** It, or somebody else, has. */
  suspect(): void
  /** What it sent alone was right. */
  clear(): void
}

export interface ReputationParts {
  readonly book: PeerBook
  /** By number. */
  readonly connections: ReadonlyMap<number, Connection>
  readonly banned: (address: PeerAddress, fault: PeerFault) => void
  /** The web seed whose bytes come under that number. */
  readonly webSeedAt: (number: number) => Suspect | undefined
}

export class Reputation {
  readonly #book: PeerBook
  readonly #connections: ReadonlyMap<number, Connection>
  readonly #banned: (address: PeerAddress, fault: PeerFault) => void
  readonly #webSeedAt: (number: number) => Suspect | undefined
  /** The addresses of peers that brought something and left, by their numbers. */
  readonly #departed = new Map<number, PeerAddress>()
  /** By what {@link householdOf} says of the host. */
  readonly #bansPerHost = new Map<string, number>()

  constructor(parts: ReputationParts) {
    this.#book = parts.book
    this.#connections = parts.connections
    this.#banned = parts.banned
    this.#webSeedAt = parts.webSeedAt
  }

  /** True when connections from this host are not accepted. */
  isOutlawed(host: string): boolean {
    return (this.#bansPerHost.get(householdOf(host)) ?? 0) >= MOST_BANS_PER_HOST
  }

  /** The bytes of these did not match a hash. Answers their names. */
  blame(sources: ReadonlySet<number>): readonly string[] {
    const found = [...sources].map((number) => this.#suspectAt(number))
    const suspects = new Map(
      found.flatMap((suspect) => (suspect === undefined ? [] : [[suspect.name, suspect]])),
    )
    const isProof = suspects.size === 1 && !found.includes(undefined)
    for (const suspect of suspects.values()) {
      if (isProof) suspect.ban('all of a corrupt piece came from it')
      else suspect.suspect()
    }
    return [...suspects.keys()]
  }

  /** The bytes of these matched: one that delivered a piece alone is cleared. */
  clear(sources: ReadonlySet<number>): void {
    if (sources.size !== 1) return
    for (const number of sources) {
      const connection = this.#connections.get(number)
      if (connection === undefined) this.#webSeedAt(number)?.clear()
      else if (connection.peer.isOnParole) this.#asSuspect(placeOf(connection)).clear()
    }
  }

  /** The peer has left; what it sent may still be on its way to the hash. */
  left(connection: Connection, reason: PeerError): void {
    if (connection.peer.usefulBytes > 0) this.#remember(connection)
    if (BANNED_FAULTS.has(reason.code)) this.#ban(placeOf(connection), reason.code, reason.message)
    // Others name us to us: that is nobody's fault, but our own address is not to be dialled again.
    const isOurs = reason.code === 'SELF_CONNECTION' && !connection.session.isIncoming
    if (isOurs) this.#book.disown(connection.address)
  }

  #remember(connection: Connection): void {
    this.#departed.set(connection.peer.number, placeOf(connection))
    if (this.#departed.size > MOST_DEPARTED) this.#departed.delete(this.#departed.keys().next().value!)
  }

  #ban(address: PeerAddress, fault: PeerFault, detail: string): void {
    if (!this.#book.ban(address)) return
    if (this.#bansPerHost.size < MOST_HOSTS) {
      const household = householdOf(address.host)
      this.#bansPerHost.set(household, (this.#bansPerHost.get(household) ?? 0) + 1)
    }
    this.#banned(address, fault)
    this.#connectionTo(address)?.session.close(new PeerError(fault, detail))
  }

  #suspectAt(number: number): Suspect | undefined {
    const connection = this.#connections.get(number)
    const address = (connection && placeOf(connection)) ?? this.#departed.get(number)
    return address === undefined ? this.#webSeedAt(number) : this.#asSuspect(address)
  }

  #asSuspect(address: PeerAddress): Suspect {
    return {
      name: addressKey(address),
      ban: (detail) => this.#ban(address, 'CORRUPT_PIECE', detail),
      suspect: () => this.#setSuspect(address, true),
      clear: () => this.#setSuspect(address, false),
    }
  }

  #setSuspect(address: PeerAddress, isSuspect: boolean): void {
    this.#book.setSuspect(address, isSuspect)
    const peer = this.#connectionTo(address)?.peer
    if (peer === undefined) return
    peer.isOnParole = isSuspect
    if (isSuspect) peer.run = undefined
  }

  #connectionTo(address: PeerAddress): Connection | undefined {
    const key = addressKey(address)
    for (const connection of this.#connections.values()) {
      if (addressKey(placeOf(connection)) === key) return connection
    }
    return undefined
  }
}

/** By which it is known again: where it listens, if that is its place in the book. */
function placeOf({ bookedAddress, address }: Connection): PeerAddress {
  return bookedAddress ?? address
}
