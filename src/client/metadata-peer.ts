/**
 * A peer that is asked for the info dict and nothing else (BEP 9): of all that it says only extension
 * messages count. Synchronous; a PeerError that is thrown ends the session.
 */
import type { Clock } from '../core/clock.js'
import { PeerError } from '../core/errors.js'
import type { PeerAddress } from '../core/peer-address.js'
import { PeerSession, type PeerSessionOptions, type PeerSessionOwner } from '../peer/peer-session.js'
import type { MetadataAssembly } from '../swarm/metadata-assembly.js'
import { HAVE_NONE } from '../wire/encode-messages.js'
import { decodeExtensionHandshake, EXTENSION_HANDSHAKE_ID } from '../wire/extension-handshake.js'
import { EXTENSION_IDS } from '../wire/extension-ids.js'
import { speaksExtensions, speaksFast } from '../wire/handshake.js'
import type { Handshake, Message } from '../wire/messages.js'
import {
  decodeMetadataMessage,
  encodeMetadataReject,
  encodeMetadataRequest,
} from '../wire/metadata-messages.js'
import { decodePex } from '../wire/pex-messages.js'
import type { DhtPorts } from './dht-ports.js'
import { PEX_PEERS } from './peer-exchange.js'

/** How long a peer may take to say that it has the metadata. */
const OFFER_MS = 10_000

/** Peers name others once a minute: after so many it has had its say. */
const MOST_EXCHANGES = 10

export interface MetadataPeerHost {
  readonly assembly: MetadataAssembly<MetadataPeer>
  readonly dhtPorts: DhtPorts | undefined
  /** Our extension handshake to the peer at this address, encoded. */
  handshakeFor(host: string): Buffer
  /** Throws PeerError when this peer is not to be talked to. */
  admit(peer: MetadataPeer, handshake: Handshake): void
  /** The peer names others (BEP 11). */
  heardOf(addresses: readonly PeerAddress[]): void
  found(infoBytes: Uint8Array): void
  left(peer: MetadataPeer, reason: Error): void
}

export class MetadataPeer implements PeerSessionOwner {
  readonly session: PeerSession
  readonly #host: MetadataPeerHost
  readonly #clock: Clock
  /** Under which it takes our messages; undefined until it has offered its metadata. */
  #id: number | undefined
  #openedMs = 0
  #exchangeCount = 0

  constructor(host: MetadataPeerHost, basics: Omit<PeerSessionOptions, 'owner'>) {
    this.#host = host
    this.#clock = basics.clock
    this.session = new PeerSession({ ...basics, isInDht: host.dhtPorts !== undefined, owner: this })
  }

  get address(): PeerAddress {
    return this.session.address
  }

  get bookedAddress(): PeerAddress | undefined {
    return this.session.isIncoming ? undefined : this.address
  }

  handshaken(session: PeerSession, handshake: Handshake): void {
    this.#openedMs = this.#clock.now()
    this.#host.admit(this, handshake)
    if (!speaksExtensions(handshake)) throw new PeerError('USELESS', 'it speaks no extensions')
    if (speaksFast(handshake)) session.send(HAVE_NONE)
    session.send(this.#host.handshakeFor(this.address.host))
  }

  message(_session: PeerSession, message: Exclude<Message, Handshake>): void {
    if (message.type === 'port') this.#host.dhtPorts?.hear(this.session, message.port)
    if (message.type !== 'extended') return
    if (message.id === EXTENSION_HANDSHAKE_ID) this.#meet(message.payload)
    else if (message.id === EXTENSION_IDS.ut_metadata) this.#hear(message.payload)
    else if (message.id === EXTENSION_IDS.ut_pex) this.#hearOf(message.payload)
  }

  readDone(): void {
    this.ask()
  }

  writable(): void {}

  closed(_session: PeerSession, reason: Error): void {
    this.#host.assembly.leave(this)
    this.#host.left(this, reason)
  }

  /** Asks for whatever is missing and not asked of enough others. */
  ask(): void {
    if (this.#id === undefined || this.session.phase !== 'open') return
    for (const piece of this.#host.assembly.ask(this, this.#clock.now())) {
      this.session.send(encodeMetadataRequest(this.#id, piece))
    }
  }

  tick(nowMs: number): void {
    this.session.tick(nowMs)
    if (this.session.phase !== 'open') return
    const isMute = this.#id === undefined && nowMs - this.#openedMs > OFFER_MS
    if (isMute) this.session.close(new PeerError('USELESS', 'it does not say that it has the metadata'))
    else if (this.#host.assembly.isStalled(this, nowMs)) {
      this.session.close(new PeerError('USELESS', 'it does not send its metadata'))
    } else this.ask()
  }

  /**
   * What it says later of itself changes nothing. Throws PeerError USELESS when it has no metadata: it may have it when
   * it is dialled again.
   */
  #meet(payload: Uint8Array): void {
    if (this.#id !== undefined) return
    const { ids, metadataBytes } = decodeExtensionHandshake(payload)
    this.#id = ids.get('ut_metadata')
    if (this.#id === undefined || metadataBytes === undefined) {
      throw new PeerError('USELESS', 'it has no metadata')
    }
    this.#host.assembly.join(this, metadataBytes)
  }

  #hearOf(payload: Uint8Array): void {
    if (this.#exchangeCount++ < MOST_EXCHANGES) this.#host.heardOf(decodePex(payload, PEX_PEERS))
  }

  #hear(payload: Uint8Array): void {
    const message = decodeMetadataMessage(payload)
    if (message === undefined || this.#id === undefined) return
    const { piece } = message
    if (message.type === 'request') return this.session.send(encodeMetadataReject(this.#id, piece))
    if (message.type === 'reject') return this.#host.assembly.refused(this, piece, this.#clock.now())
    const found = this.#host.assembly.take(this, piece, message.bytes)
    if (found !== undefined) this.#host.found(found)
  }
}
