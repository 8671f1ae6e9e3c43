/**
 * A peer that is asked for the info dict and nothing else (BEP 9): of all that it says only extension
 * messages count. Synchronous; a PeerError that is thrown ends the session.
 */
import type { Clock } from '../core/clock.js'
import { PeerError } from '../core/errors.js'
import type { FoundAddress, PeerAddress } from '../core/peer-address.js'
import { PeerSession, type PeerSessionOptions, type PeerSessionOwner } from '../peer/peer-session.js'
import type { MetadataAssembly } from '../swarm/metadata-assembly.js'
import { PexEar } from '../swarm/pex-ear.js'
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
import type { DhtPorts } from './dht-ports.js'

/** How long a peer may take to say that it has the metadata. */
const OFFER_MS = 10_000

export interface MetadataPeerHost {
  readonly assembly: MetadataAssembly<MetadataPeer>
  readonly dhtPorts: DhtPorts | undefined
  /** Our extension handshake to the peer at this address, encoded. */
  handshakeFor(host: string): Buffer
  /** Throws PeerError when this peer is not to be talked to. */
  admit(peer: MetadataPeer, handshake: Handshake): void
  /** It listens at this port, as it says. */
  met(peer: MetadataPeer, port: number): void
  /** It names others (BEP 11). */
  heardOf(peer: MetadataPeer, addresses: readonly FoundAddress[]): void
  found(infoBytes: Uint8Array): void
  left(peer: MetadataPeer, reason: Error): void
}

export class MetadataPeer implements PeerSessionOwner {
  readonly session: PeerSession
  /** Under which the peer book has it; undefined when it does not. */
  bookedAddress: PeerAddress | undefined
  readonly #host: MetadataPeerHost
  readonly #clock: Clock
  /** Under which it takes our messages; undefined until it has offered its metadata. */
  #id: number | undefined
  #openedMs = 0
  readonly #ear: PexEar

  constructor(host: MetadataPeerHost, basics: Omit<PeerSessionOptions, 'owner'>) {
    this.#host = host
    this.#clock = basics.clock
    this.#ear = new PexEar(basics.address.host, basics.clock.now())
    this.session = new PeerSession({ ...basics, isInDht: host.dhtPorts !== undefined, owner: this })
    if (!this.session.isIncoming) this.bookedAddress = basics.address
  }

  get address(): PeerAddress {
    return this.session.address
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
   * Once it has offered its metadata, what it says of itself changes nothing. Throws PeerError USELESS when it has none
   * and names nobody who could: it may have it when it is dialled again.
   */
  #meet(payload: Uint8Array): void {
    if (this.#id !== undefined) return
    const { ids, metadataBytes, port } = decodeExtensionHandshake(payload)
    if (port !== undefined) this.#host.met(this, port)
    const id = ids.get('ut_metadata')
    if (id !== undefined && metadataBytes !== undefined) {
      this.#id = id
      this.#host.assembly.join(this, metadataBytes)
    } else if (!ids.has('ut_pex')) throw new PeerError('USELESS', 'it has no metadata')
  }

  #hearOf(payload: Uint8Array): void {
    const named = this.#ear.hear(payload, this.#clock.now())
    if (named.length > 0) this.#host.heardOf(this, named)
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
