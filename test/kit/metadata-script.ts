/** Scripted peers that offer metadata (BEP 9) and, unless told otherwise, give it. */
import { encodeBencode } from '../../src/core/bencode/encode-bencode.js'
import { encodeExtended } from '../../src/wire/encode-messages.js'
import { EXTENSION_IDS } from '../../src/wire/extension-ids.js'
import {
  decodeMetadataMessage,
  encodeMetadataData,
  encodeMetadataReject,
} from '../../src/wire/metadata-messages.js'
import type { PeerLink, PeerScript } from './scripted-peer.js'

/** Under which these peers take metadata messages: not the one that we use. */
export const SCRIPTED_ID = 77

/** In place of an honest answer to a request. */
export type MetadataAnswer = (link: PeerLink, piece: number) => void

export interface MetadataManner {
  /** The length that it claims, in bytes; null: it offers nothing. */
  readonly claims?: number | null
  readonly answer?: MetadataAnswer
}

export function metadataScript({ claims, answer = giveMetadata }: MetadataManner = {}): PeerScript {
  return {
    greeted(link) {
      link.greet()
      if (claims !== null) offerMetadata(link, claims)
      link.offer()
    },
    extended(link, id, payload) {
      const message = id === SCRIPTED_ID ? decodeMetadataMessage(payload) : undefined
      if (message?.type === 'request') answer(link, message.piece)
    },
  }
}

export function offerMetadata(link: PeerLink, claims?: number): void {
  const { length } = link.peer.torrent.metainfo.infoBytes
  const offer = { m: { ut_metadata: SCRIPTED_ID }, metadata_size: claims ?? length }
  link.send(encodeExtended(0, encodeBencode(offer)))
}

export const giveMetadata: MetadataAnswer = (link, piece) => {
  link.send(encodeMetadataData(EXTENSION_IDS.ut_metadata, link.peer.torrent.metainfo.infoBytes, piece))
}

/** Right in length and wrong in every byte. */
export const giveLies: MetadataAnswer = (link, piece) => {
  const lies = link.peer.torrent.metainfo.infoBytes.map((byte) => byte ^ 0xff)
  link.send(encodeMetadataData(EXTENSION_IDS.ut_metadata, lies, piece))
}

export const refuseMetadata: MetadataAnswer = (link, piece) => {
  link.send(encodeMetadataReject(EXTENSION_IDS.ut_metadata, piece))
}

export const keepSilent: MetadataAnswer = () => {}
