/**
 * The extensions that a torrent speaks with its peers (BEP 10): a table from the ids that we gave them to those who
 * handle them, so that a connection knows none of them by name.
 */
import { LIMITS } from '../config.js'
import { ipBytes } from '../core/ip-bytes.js'
import type { PeerAddress } from '../core/peer-address.js'
import type { PeerSession } from '../peer/peer-session.js'
import { encodeExtensionHandshake } from '../wire/extension-handshake.js'
import { EXTENSION_IDS, type ExtensionIds, type ExtensionName } from '../wire/extension-ids.js'

export const PROGRAM = 'swarmfetch 0.1'

/** The connection that an extension works on. */
export interface ExtensionPeer {
  readonly session: Pick<PeerSession, 'send'>
  /** Where its socket is. */
  readonly address: PeerAddress
  /** Under which the peer takes messages; empty before its extension handshake. */
  readonly extensionIds: ExtensionIds
  /** Throws PeerError UNKNOWN_PIECE. */
  pieceLost(index: number): void
}

/** One extension, for all peers of a torrent. */
export interface PeerExtension {
  readonly name: ExtensionName
  /** A message of this extension has come. Throw PeerError to end the session. */
  hear(peer: ExtensionPeer, payload: Uint8Array): void
}

/** What peers are told of us. */
export interface OwnFacts {
  /** Of the info dict, if we have it. */
  readonly metadataBytes: number | undefined
  /** Where we accept connections. */
  port(): number
  /** We want no pieces, now. */
  isUploadOnly(): boolean
}

export class PeerExtensions {
  readonly #byId: ReadonlyMap<number, PeerExtension>
  readonly #own: OwnFacts

  constructor(extensions: readonly PeerExtension[], own: OwnFacts) {
    this.#byId = new Map(extensions.map((extension) => [EXTENSION_IDS[extension.name], extension]))
    this.#own = own
  }

  /** What we say of ourselves to the peer at this address, encoded. */
  handshakeFor(host: string): Buffer {
    return encodeExtensionHandshake({
      program: PROGRAM,
      reqq: LIMITS.requestsQueuedByPeer,
      extensions: [...this.#byId.values()].map(({ name }) => name),
      metadataBytes: this.#own.metadataBytes,
      port: this.#own.port(),
      yourIp: ipBytes(host),
      isUploadOnly: this.#own.isUploadOnly(),
    })
  }

  /** An extension message that is not the handshake. Ids that we did not give are ignored. */
  hear(peer: ExtensionPeer, id: number, payload: Uint8Array): void {
    this.#byId.get(id)?.hear(peer, payload)
  }
}
