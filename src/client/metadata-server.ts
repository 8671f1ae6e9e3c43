/**
 * Gives peers the info dict of a torrent that we know (BEP 9), at a rate: a peer that asks for more than that
 * is told no.
 */
import type { Clock } from '../core/clock.js'
import { TokenBucket } from '../core/token-bucket.js'
import {
  decodeMetadataMessage,
  encodeMetadataData,
  encodeMetadataReject,
  metadataPieceCount,
} from '../wire/metadata-messages.js'
import type { ExtensionPeer, PeerExtension } from './peer-extensions.js'

/** To each peer: 16 MiB a second, and half a MiB at once, which its queue has room for. */
const PIECES_PER_SECOND = 1_024
const PIECES_AT_ONCE = 32

export class MetadataServer implements PeerExtension {
  readonly name = 'ut_metadata'
  readonly #infoBytes: Uint8Array
  readonly #clock: Clock
  readonly #allowances = new WeakMap<ExtensionPeer, TokenBucket>()

  constructor(infoBytes: Uint8Array, clock: Clock) {
    this.#infoBytes = infoBytes
    this.#clock = clock
  }

  /** Answers a request; anything else is of no use to who has it all. Throws PeerError BAD_MESSAGE. */
  hear(peer: ExtensionPeer, payload: Uint8Array): void {
    const message = decodeMetadataMessage(payload)
    const id = peer.extensionIds.get('ut_metadata')
    if (message?.type !== 'request' || id === undefined) return
    const { piece } = message
    const isGiven = piece < metadataPieceCount(this.#infoBytes.length) && this.#mayGive(peer)
    peer.session.send(
      isGiven ? encodeMetadataData(id, this.#infoBytes, piece) : encodeMetadataReject(id, piece),
    )
  }

  #mayGive(peer: ExtensionPeer): boolean {
    const nowMs = this.#clock.now()
    let allowance = this.#allowances.get(peer)
    if (allowance === undefined) {
      allowance = new TokenBucket(PIECES_PER_SECOND, PIECES_AT_ONCE, nowMs)
      this.#allowances.set(peer, allowance)
    }
    if (allowance.available(nowMs) < 1) return false
    allowance.take(1)
    return true
  }
}
