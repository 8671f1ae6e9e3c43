/**
 * The peers of one torrent: dials the addresses of the peer book within the client's budget, keeps the
 * connections, and ends them. It owns no piece: what comes in goes to the scheduler, full runs to the
 * torrent.
 */
import { LIMITS } from '../config.js'
import { PeerError, type PeerFault } from '../core/errors.js'
import type { PieceIndex } from '../core/geometry.js'
import { addressKey, type PeerAddress } from '../core/peer-address.js'
import type { BlockScheduler } from '../swarm/block-scheduler.js'
import { PeerBook } from '../swarm/peer-book.js'
import type { PiecePicker } from '../swarm/piece-picker.js'
import type { Handshake } from '../wire/messages.js'
import type { ClientResources } from './client-resources.js'
import { Connection, type ConnectionHost } from './connection.js'
import type { RequestPump } from './request-pump.js'

/** What only a hostile or broken peer does: it is not dialled again. */
const BANNED_FAULTS: ReadonlySet<PeerFault> = new Set([
  'BAD_MESSAGE',
  'CORRUPT_PIECE',
  'FRAME_TOO_LONG',
  'SELF_CONNECTION',
  'UNKNOWN_PIECE',
  'UNWANTED_BLOCKS',
])

/** So many who left are remembered: far more than can leave while a piece is hashed. */
const MOST_DEPARTED = 1_000

/** What the swarm asks of its torrent, and tells it. */
export interface SwarmHost {
  readonly infoHash: Uint8Array
  readonly pieceCount: number
  isMissing(index: number): boolean
  peerBanned(address: PeerAddress, fault: PeerFault): void
  /** A fault of ours, not of a peer. */
  failed(error: Error): void
}

export interface SwarmParts {
  readonly host: SwarmHost
  readonly resources: ClientResources
  readonly scheduler: BlockScheduler
  readonly picker: PiecePicker
  readonly pump: RequestPump
  readonly maxPeers: number
}

export class Swarm implements ConnectionHost {
  readonly scheduler: BlockScheduler
  readonly picker: PiecePicker
  readonly book: PeerBook
  readonly #host: SwarmHost
  readonly #pump: RequestPump
  readonly #resources: ClientResources
  readonly #maxPeers: number
  readonly #connections = new Map<number, Connection>()
  /** Connections that have not been answered yet: they count in the dial budget. */
  readonly #halfOpen = new Set<Connection>()
  /** The addresses of peers that brought something and left, by their numbers. */
  readonly #departed = new Map<number, PeerAddress>()
  #lastNumber = 0
  #isOpen = false

  constructor(parts: SwarmParts) {
    this.#host = parts.host
    this.#resources = parts.resources
    this.scheduler = parts.scheduler
    this.picker = parts.picker
    this.#pump = parts.pump
    this.#maxPeers = parts.maxPeers
    this.book = new PeerBook(LIMITS.peersKnown, parts.resources.random)
  }

  get pieceCount(): number {
    return this.#host.pieceCount
  }

  /** Peers that have shaken hands. */
  get connectedCount(): number {
    let count = 0
    for (const connection of this.#connections.values()) if (connection.session.phase === 'open') count++
    return count
  }

  /** Peers that let us download. */
  get unchokedCount(): number {
    let count = 0
    for (const connection of this.#connections.values()) if (!connection.peer.isChoking) count++
    return count
  }

  /** Connected peers that have a piece which is missing. */
  get usefulCount(): number {
    let count = 0
    for (const connection of this.#connections.values()) if (connection.missingCount > 0) count++
    return count
  }

  get isFull(): boolean {
    return this.#connections.size >= this.#maxPeers
  }

  /** From here on addresses are dialled. */
  open(): void {
    this.#isOpen = true
    this.#dialMore()
  }

  addAddresses(addresses: readonly PeerAddress[]): void {
    for (const address of addresses) this.book.add(address)
    this.#dialMore()
  }

  /** The periodic pass: time-outs, windows, refills, new connections. */
  tick(nowMs: number): void {
    for (const connection of this.#connections.values()) connection.session.tick(nowMs)
    this.scheduler.tick(nowMs)
    this.#pump.refillAll(this.#connections.values())
    this.#dialMore()
  }

  /** Queues an encoded message for the peer of that number, if it is still here. */
  send(number: number, bytes: Buffer): void {
    this.#connections.get(number)?.session.send(bytes)
  }

  /** Memory has become free. */
  refillHungry(): void {
    this.#pump.refillHungry()
  }

  /** Requests that a rate limit held back. */
  refillThrottled(): void {
    if (this.#pump.isThrottled) this.#pump.refillAll(this.#connections.values())
  }

  /** A piece is on disk: peers learn of it, unless they have it. */
  pieceStored(index: PieceIndex): void {
    for (const connection of this.#connections.values()) connection.pieceStored(index)
  }

  /** The bytes of these peers did not match a hash. Alone: banned. Among others: on parole. Leaving saves nobody. */
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
      this.book.setSuspect(connection.address, false)
    }
  }

  close(): void {
    this.#isOpen = false
    const reason = new PeerError('CLOSED', 'the torrent has ended')
    for (const connection of [...this.#connections.values()]) connection.session.close(reason)
  }

  // What a connection asks and tells.

  isMissing(index: number): boolean {
    return this.#host.isMissing(index)
  }

  admit(connection: Connection, handshake: Handshake): void {
    this.#answered(connection)
    if (!Buffer.from(handshake.infoHash).equals(this.#host.infoHash)) {
      throw new PeerError('WRONG_INFO_HASH', 'the peer answers for another torrent')
    }
    if (Buffer.from(handshake.peerId).equals(this.#resources.peerId)) {
      throw new PeerError('SELF_CONNECTION', 'we dialled ourselves')
    }
    for (const other of this.#connections.values()) {
      if (other !== connection && other.peerIdHex === connection.peerIdHex) {
        throw new PeerError('DUPLICATE_CONNECTION', `the same peer as ${addressKey(other.address)}`)
      }
    }
    this.scheduler.add(connection.peer)
  }

  refill(connection: Connection): void {
    this.#pump.refill(connection)
  }

  released(): void {
    this.#pump.refillAll(this.#connections.values())
  }

  left(connection: Connection, reason: Error): void {
    this.#connections.delete(connection.peer.number)
    this.#remember(connection)
    this.#answered(connection)
    this.#pump.forget(connection)
    this.book.ended(connection.address, connection.peer.usefulBytes > 0, this.#resources.clock.now())
    if (!(reason instanceof PeerError)) this.#host.failed(reason)
    else if (BANNED_FAULTS.has(reason.code)) this.#ban(connection.address, reason.code, reason.message)
    if (this.#isOpen) this.released()
  }

  #dialMore(): void {
    const nowMs = this.#resources.clock.now()
    for (const connection of this.#halfOpen) {
      if (connection.session.phase !== 'connecting') this.#answered(connection)
    }
    while (this.#isOpen && !this.isFull && this.#resources.dialBudget.hasRoom(nowMs)) {
      const address = this.book.next(nowMs)
      if (address === undefined) return
      this.#dial(address)
    }
  }

  #dial(address: PeerAddress): void {
    const { clock, peerId } = this.#resources
    const number = ++this.#lastNumber
    const connection = new Connection(number, this, { address, infoHash: this.#host.infoHash, peerId, clock })
    connection.peer.isOnParole = this.book.isSuspect(address)
    this.#connections.set(number, connection)
    this.#halfOpen.add(connection)
    this.#resources.dialBudget.begun()
  }

  #ban(address: PeerAddress, fault: PeerFault, detail: string): void {
    if (!this.book.ban(address)) return
    this.#host.peerBanned(address, fault)
    this.#connectionTo(address)?.session.close(new PeerError(fault, detail))
  }

  #suspect(address: PeerAddress): void {
    this.book.setSuspect(address, true)
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

  /** What it sent may still be on its way to the hash. */
  #remember(connection: Connection): void {
    if (connection.peer.usefulBytes === 0) return
    this.#departed.set(connection.peer.number, connection.address)
    if (this.#departed.size > MOST_DEPARTED) this.#departed.delete(this.#departed.keys().next().value!)
  }

  #answered(connection: Connection): void {
    if (this.#halfOpen.delete(connection)) this.#resources.dialBudget.ended()
  }
}
