/**
 * The peers that are asked for an info dict: has the addresses dialled that it is given,
 * takes in those that connect to us, and lets them go when the metadata is there. No piece is fetched here.
 */
import { LIMITS } from '../config.js'
import { PeerError } from '../core/errors.js'
import { ipBytes } from '../core/ip-bytes.js'
import { type FoundAddress, type PeerAddress, type PeerSource, plainHost } from '../core/peer-address.js'
import type { IncomingPeer } from '../peer/listener.js'
import type { ConnectionOrigin } from '../peer/peer-session.js'
import { MetadataAssembly } from '../swarm/metadata-assembly.js'
import type { PeerBook } from '../swarm/peer-book.js'
import { encodeExtensionHandshake } from '../wire/extension-handshake.js'
import type { ExtensionName } from '../wire/extension-ids.js'
import type { Handshake } from '../wire/messages.js'
import type { ClientResources } from './client-resources.js'
import { DhtPorts } from './dht-ports.js'
import { Dialler } from './dialler.js'
import { MetadataPeer, type MetadataPeerHost } from './metadata-peer.js'
import { PROGRAM } from './peer-extensions.js'

/** Many more than it takes: most peers have the metadata, and the fastest of a few dozen are fast. */
const MOST_PEERS = 30
/** Of them those who came to us: nobody keeps us from asking the others by calling often enough. */
const MOST_CALLERS = 20

export interface MetadataSwarmHost {
  found(infoBytes: Uint8Array): void
  /** A fault of ours, not of a peer. */
  failed(error: Error): void
}

export interface MetadataSwarmOptions {
  readonly infoHash: Uint8Array
  /** Whether peers may name others (BEP 11). */
  readonly usePex: boolean
}

export class MetadataSwarm implements MetadataPeerHost {
  readonly assembly: MetadataAssembly<MetadataPeer>
  readonly dhtPorts: DhtPorts | undefined
  readonly #infoHash: Uint8Array
  readonly #extensions: readonly ExtensionName[]
  readonly #resources: ClientResources
  readonly #host: MetadataSwarmHost
  readonly #peers = new Set<MetadataPeer>()
  readonly #dialler: Dialler<MetadataPeer>
  /** Hosts of peers whose metadata was a lie. */
  readonly #liars = new Set<string>()

  constructor(
    { infoHash, usePex }: MetadataSwarmOptions,
    resources: ClientResources,
    host: MetadataSwarmHost,
  ) {
    this.#infoHash = infoHash
    this.#extensions = usePex ? ['ut_metadata', 'ut_pex'] : ['ut_metadata']
    this.#resources = resources
    this.#host = host
    this.assembly = new MetadataAssembly(infoHash)
    this.dhtPorts = resources.dht && new DhtPorts(resources.dht)
    this.#dialler = new Dialler(resources, {
      isFull: () => this.#peers.size >= MOST_PEERS,
      connect: (address, origin) => this.#connect(address, origin),
    })
    this.#dialler.open()
  }

  get book(): PeerBook {
    return this.#dialler.book
  }

  /** Peers that have shaken hands. */
  get connectedCount(): number {
    let count = 0
    for (const { session } of this.#peers) if (session.phase === 'open') count++
    return count
  }

  get #callerCount(): number {
    let count = 0
    for (const { session } of this.#peers) if (session.isIncoming) count++
    return count
  }

  addAddresses(addresses: readonly FoundAddress[], source: PeerSource): void {
    this.#dialler.addAddresses(addresses, source)
  }

  /** A peer has connected to us, and asks for this torrent. */
  takeIn(incoming: IncomingPeer): void {
    const { remoteAddress, remotePort: port } = incoming.socket
    const host = plainHost(remoteAddress ?? '')
    const hasRoom = this.#peers.size < MOST_PEERS && this.#callerCount < MOST_CALLERS
    const isWelcome = this.#dialler.isOpen && hasRoom && !this.#liars.has(host)
    if (!isWelcome || host === '' || port === undefined) return void incoming.socket.destroy()
    this.#connect({ host, port }, { incoming })
  }

  tick(nowMs: number): void {
    for (const peer of [...this.#peers]) peer.tick(nowMs)
    this.#dialler.dialMore()
  }

  close(): void {
    this.#dialler.close()
    const reason = new PeerError('CLOSED', 'the search for metadata is over')
    for (const peer of [...this.#peers]) peer.session.close(reason)
  }

  // What a peer asks and tells.

  handshakeFor(host: string): Buffer {
    return encodeExtensionHandshake({
      program: PROGRAM,
      reqq: LIMITS.requestsQueuedByPeer,
      extensions: this.#extensions,
      port: this.#resources.port(),
      yourIp: ipBytes(host),
    })
  }

  admit(peer: MetadataPeer, handshake: Handshake): void {
    this.#dialler.answered(peer)
    if (!Buffer.from(handshake.infoHash).equals(this.#infoHash)) {
      throw new PeerError('WRONG_INFO_HASH', 'the peer answers for another torrent')
    }
    if (Buffer.from(handshake.peerId).equals(this.#resources.peerId)) {
      throw new PeerError('SELF_CONNECTION', 'we dialled ourselves')
    }
  }

  met(peer: MetadataPeer, port: number): void {
    this.#dialler.met(peer, { host: peer.address.host, port })
  }

  heardOf(peer: MetadataPeer, addresses: readonly FoundAddress[]): void {
    const isWanted = this.#extensions.includes('ut_pex')
    if (isWanted) this.#dialler.addAddresses(addresses, 'pex', peer.address.host)
  }

  found(infoBytes: Uint8Array): void {
    this.#host.found(infoBytes)
  }

  left(peer: MetadataPeer, reason: Error): void {
    this.#peers.delete(peer)
    this.#dialler.ended(peer, false)
    if (!(reason instanceof PeerError)) this.#host.failed(reason)
    else if (BANS.has(reason.code)) this.#ban(peer.bookedAddress ?? peer.address)
    else if (reason.code === 'SELF_CONNECTION' && !peer.session.isIncoming) this.book.disown(peer.address)
  }

  #ban(address: PeerAddress): void {
    this.book.ban(address)
    if (this.#liars.size < LIMITS.peersKnown) this.#liars.add(address.host)
  }

  #connect(address: PeerAddress, origin: ConnectionOrigin): MetadataPeer {
    const { clock, peerId } = this.#resources
    const basics = { address, infoHash: this.#infoHash, peerId, clock, ...origin }
    const peer = new MetadataPeer(this, basics)
    this.#peers.add(peer)
    return peer
  }
}

/** What no honest peer does: it is not dialled again. */
const BANS: ReadonlySet<string> = new Set(['CORRUPT_PIECE', 'FLOODING', 'UNWANTED_BLOCKS', 'BAD_MESSAGE'])
