/**
 * The extensions that a torrent speaks with its peers (BEP 10): a table from the ids that we gave them to those who
 * handle them, so that a connection knows none of them by name.
 */
import { LIMITS } from '../config.js'
import type { PeerSession } from '../peer/peer-session.js'
import { encodeExtensionHandshake } from '../wire/extension-handshake.js'
import { EXTENSION_IDS, type ExtensionIds, type ExtensionName } from '../wire/extension-ids.js'

export const PROGRAM = 'swarmfetch 0.1'

/** The connection that an extension works on. */
export interface ExtensionPeer {
  readonly session: Pick<PeerSession, 'send'>
  /** Under which the peer takes messages; empty before its extension handshake. */
  readonly extensionIds: ExtensionIds
}

/** One extension, for all peers of a torrent. */
export interface PeerExtension {
  readonly name: ExtensionName
  /** A message of this extension has come. Throw PeerError to end the session. */
  hear(peer: ExtensionPeer, payload: Uint8Array): void
}

export class PeerExtensions {
  /** What we say of ourselves, encoded. */
  readonly handshake: Buffer
  readonly #byId: ReadonlyMap<number, PeerExtension>

  /** `metadataBytes`: of the info dict, if we have it. */
  constructor(extensions: readonly PeerExtension[], metadataBytes: number | undefined) {
    this.#byId = new Map(extensions.map((extension) => [EXTENSION_IDS[extension.name], extension]))
    this.handshake = encodeExtensionHandshake({
      program: PROGRAM,
      reqq: LIMITS.requestsQueuedByPeer,
      extensions: extensions.map(({ name }) => name),
      metadataBytes,
    })
  }

  /** An extension message that is not the handshake. Ids that we did not give are ignored. */
  hear(peer: ExtensionPeer, id: number, payload: Uint8Array): void {
    this.#byId.get(id)?.hear(peer, payload)
  }
}
