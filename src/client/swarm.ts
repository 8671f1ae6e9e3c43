/**
 * The peers of one torrent: has those dialled that were heard of, takes in those that connect to us, keeps the
 * connections, and ends them. It owns no piece: what comes in goes to the scheduler, full runs to the torrent.
 */
import { PeerError, type PeerFault } from '../core/errors.js'
import type { PieceIndex } from '../core/geometry.js'
import { type FoundAddress, type PeerAddress, type PeerSource, plainHost } from '../core/peer-address.js'
import type { IncomingPeer } from '../peer/listener.js'
import type { ConnectionOrigin } from '../peer/peer-session.js'
import type { BlockScheduler } from '../swarm/block-scheduler.js'
import { HouseholdCrowd } from '../swarm/household-crowd.js'
import type { PeerBook } from '../swarm/peer-book.js'
import type { PiecePicker } from '../swarm/piece-picker.js'
import { findUseless } from '../swarm/useless-peer.js'
import type { ExtensionHandshake } from '../wire/extension-handshake.js'
import type { Handshake } from '../wire/messages.js'
import type { ClientResources } from './client-resources.js'
import { Connection, type ConnectionHost } from './connection.js'
import type { DhtPorts } from './dht-ports.js'
import { Dialler } from './dialler.js'
import type { PeerExchange } from './peer-exchange.js'
import type { PeerExtensions } from './peer-extensions.js'
import { PieceNews } from './piece-news.js'
import { Reputation, type Suspect } from './reputation.js'
import type { RequestPump } from './request-pump.js'
import { settleDuplicates } from './settle-duplicates.js'
import type { Uploader } from './uploader.js'

/** What the swarm asks of its torrent, and tells it. */
export interface SwarmHost {
  readonly infoHash: Uint8Array
  readonly pieceCount: number
  isMissing(index: number): boolean
  /** Nothing that is wanted is missing. */
  isSeeding(): boolean
  peerBanned(address: PeerAddress, fault: PeerFault): void
  /** The web seed whose bytes come under that number. */
  webSeedAt(number: number): Suspect | undefined
  /** A fault of ours, not of a peer. */
  failed(error: Error): void
}

export interface SwarmParts {
  readonly host: SwarmHost
  readonly resources: ClientResources
  readonly scheduler: BlockScheduler
  readonly picker: PiecePicker
  readonly pump: RequestPump
  /** Undefined when what comes in cannot be read again. */
  readonly uploader: Uploader | undefined
  readonly extensions: PeerExtensions
  /** Undefined when the torrent may not use the DHT. */
  readonly dhtPorts: DhtPorts | undefined
  /** Undefined when peers are not to be exchanged. */
  readonly exchange: PeerExchange | undefined
  readonly maxPeers: number
}

export class Swarm implements ConnectionHost {
  readonly scheduler: BlockScheduler
  readonly picker: PiecePicker
  readonly uploader: Uploader | undefined
  readonly extensions: PeerExtensions
  readonly dhtPorts: DhtPorts | undefined
  readonly reputation: Reputation
  readonly #host: SwarmHost
  readonly #pump: RequestPump
  readonly #exchange: PeerExchange | undefined
  readonly #resources: ClientResources
  readonly #maxPeers: number
  readonly #connections = new Map<number, Connection>()
  readonly #crowd = new HouseholdCrowd()
  readonly #dialler: Dialler<Connection>
  readonly #news: PieceNews
  #lastNumber = 0

  constructor(parts: SwarmParts) {
    this.#host = parts.host
    this.#resources = parts.resources
    this.scheduler = parts.scheduler
    this.picker = parts.picker
    this.#pump = parts.pump
    this.uploader = parts.uploader
    this.#news = new PieceNews(parts.uploader?.offered)
    this.extensions = parts.extensions
    this.dhtPorts = parts.dhtPorts
    this.#exchange = parts.exchange
    this.#maxPeers = parts.maxPeers
    this.#dialler = new Dialler(parts.resources, {
      isFull: () => this.isFull,
      connect: (address, origin) => this.#connect(address, origin),
    })
    this.reputation = new Reputation({
      book: this.book,
      connections: this.#connections,
      banned: (address, fault) => this.#host.peerBanned(address, fault),
      webSeedAt: (number) => this.#host.webSeedAt(number),
    })
  }

  get book(): PeerBook {
    return this.#dialler.book
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

  /** A number that no other source of bytes has. */
  takeNumber(): number {
    return ++this.#lastNumber
  }

  connections(): Iterable<Connection> {
    return this.#connections.values()
  }

  /** From here on addresses are dialled, and peers taken in. */
  open(): void {
    this.#dialler.open()
  }

  /** `teller`: the host of the peer that named them, if one did. */
  addAddresses(addresses: readonly FoundAddress[], source: PeerSource, teller?: string): void {
    this.#dialler.addAddresses(addresses, source, teller)
  }

  /** A peer has connected to us, and asks for this torrent. */
  takeIn(incoming: IncomingPeer): void {
    const { remoteAddress, remotePort: port } = incoming.socket
    const host = plainHost(remoteAddress ?? '')
    const isBearable = !this.reputation.isOutlawed(host) && !this.#crowd.isComplete(host)
    const isWelcome = this.#dialler.isOpen && host !== '' && isBearable
    if (isWelcome && this.isFull) this.#letUselessGo(this.#resources.clock.now())
    if (!isWelcome || this.isFull || port === undefined) return void incoming.socket.destroy()
    this.#connect({ host, port }, { incoming })
  }

  /** The periodic pass: time-outs, windows, refills, uploads, new connections. */
  tick(nowMs: number): void {
    for (const connection of this.#connections.values()) connection.session.tick(nowMs)
    this.scheduler.tick(nowMs)
    this.#pump.refillAll(this.#connections.values())
    this.#news.tell(this.#connections.values())
    this.#exchange?.tick(nowMs)
    this.uploader?.tick(nowMs)
    if (this.isFull && this.book.isAnyDue(nowMs)) this.#letUselessGo(nowMs)
    this.#dialler.dialMore()
  }

  /** Queues an encoded message for the peer of that number, if it is still here. */
  send(number: number, bytes: Buffer): void {
    this.#connections.get(number)?.session.send(bytes)
  }

  /** Memory has become free. */
  refillHungry(): void {
    this.#pump.refillHungry()
  }

  /** What a rate limit held back, in both directions. */
  pumpThrottled(): void {
    if (this.#pump.isThrottled) this.#pump.refillAll(this.#connections.values())
    this.uploader?.pumpThrottled()
  }

  /** A piece is on disk: peers learn of it with the next tick. */
  pieceStored(index: PieceIndex): void {
    for (const connection of this.#connections.values()) connection.pieceStored(index)
    this.#news.stored(index)
  }

  /** Nothing is missing any more: who has everything too is of no use to us, nor we to it. */
  dropSeeds(): void {
    // Whoever lacks the last pieces must know of them first: libtorrent leaves who neither wants nor has anything.
    this.#news.tell(this.#connections.values())
    for (const connection of [...this.#connections.values()]) {
      connection.closeIfUseless()
      connection.tellUploadOnly()
    }
  }

  close(): void {
    this.#dialler.close()
    this.#news.forget()
    const reason = new PeerError('CLOSED', 'the torrent has ended')
    for (const connection of [...this.#connections.values()]) connection.session.close(reason)
    this.uploader?.rest()
  }

  // What a connection asks and tells.

  isMissing(index: number): boolean {
    return this.#host.isMissing(index)
  }

  admit(connection: Connection, handshake: Handshake): void {
    this.#dialler.answered(connection)
    if (!Buffer.from(handshake.infoHash).equals(this.#host.infoHash)) {
      throw new PeerError('WRONG_INFO_HASH', 'the peer answers for another torrent')
    }
    if (Buffer.from(handshake.peerId).equals(this.#resources.peerId)) {
      throw new PeerError('SELF_CONNECTION', 'we dialled ourselves')
    }
    settleDuplicates(connection, this.#connections.values(), this.#resources.peerId)
    this.scheduler.add(connection.peer)
    this.#news.begin(connection)
  }

  introduced(connection: Connection, { yourIp }: ExtensionHandshake): void {
    const { address, listenAddress, peer } = connection
    if (yourIp !== undefined) this.#resources.own.seenAs(yourIp, address.host)
    if (listenAddress === undefined) return
    this.#dialler.met(connection, listenAddress)
    if (this.book.isSuspect(listenAddress)) peer.isOnParole = true
  }

  refill(connection: Connection): void {
    this.#pump.refill(connection)
  }

  released(): void {
    this.#pump.refillAll(this.#connections.values())
  }

  isSeeding(): boolean {
    return this.#host.isSeeding()
  }

  left(connection: Connection, reason: Error): void {
    if (this.#connections.delete(connection.peer.number)) this.#crowd.leave(connection.address.host)
    this.#pump.forget(connection)
    const { peer, upload } = connection
    const wasUseful = peer.usefulBytes > 0 || upload.uploadedBytes > 0
    this.#dialler.ended(connection, wasUseful, connection.isPointless)
    if (reason instanceof PeerError) this.reputation.left(connection, reason)
    else this.#host.failed(reason)
    if (this.#dialler.isOpen) this.released()
  }

  /** One at a time: others wait for its place. */
  #letUselessGo(nowMs: number): void {
    const uses = [...this.#connections.values()].map((connection) => connection.lookAtUse(nowMs))
    const number = findUseless(uses, nowMs)
    if (number === undefined) return
    this.#connections.get(number)?.session.close(new PeerError('USELESS', 'others wait for its place'))
  }

  #connect(address: PeerAddress, origin: ConnectionOrigin): Connection {
    const { clock, peerId } = this.#resources
    const number = this.takeNumber()
    const basics = { address, infoHash: this.#host.infoHash, peerId, clock, ...origin }
    const connection = new Connection(number, this, basics)
    connection.peer.isOnParole = this.book.isSuspect(address)
    this.#connections.set(number, connection)
    this.#crowd.enter(address.host)
    return connection
  }
}
