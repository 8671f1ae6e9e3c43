/**
 * The messages of `ut_metadata` (BEP 9), in which peers ask each other for the info dict in pieces of 16 KiB:
 * a small bencoded dictionary, and behind that of `data` the raw bytes.
 */
import { asDict, integerField } from '../core/bencode/bencode-fields.js'
import { type BencodeReading, readBencode } from '../core/bencode/decode-bencode.js'
import { encodeBencode } from '../core/bencode/encode-bencode.js'
import { PeerError } from '../core/errors.js'
import { encodeExtended } from './encode-messages.js'

/** Of every piece of the info dict but the last. */
export const METADATA_PIECE_BYTES = 16_384

export type MetadataMessage =
  | { readonly type: 'request'; readonly piece: number }
  | { readonly type: 'reject'; readonly piece: number }
  /** The bytes are a view of the payload. */
  | { readonly type: 'data'; readonly piece: number; readonly bytes: Uint8Array }

const TYPES = ['request', 'data', 'reject'] as const

/** Three small entries; some programs add one of their own. */
const BENCODE_LIMITS = { depth: 4, tokens: 50 }

/** How many pieces an info dict of that length has. */
export function metadataPieceCount(metadataBytes: number): number {
  return Math.ceil(metadataBytes / METADATA_PIECE_BYTES)
}

/** Of that piece; the last may be shorter. */
export function metadataPieceBytes(metadataBytes: number, piece: number): number {
  return Math.min(METADATA_PIECE_BYTES, metadataBytes - piece * METADATA_PIECE_BYTES)
}

/** `id` is the peer's for `ut_metadata`, here and below. */
export function encodeMetadataRequest(id: number, piece: number): Buffer {
  return encodeExtended(id, encodeBencode({ msg_type: 0, piece }))
}

export function encodeMetadataReject(id: number, piece: number): Buffer {
  return encodeExtended(id, encodeBencode({ msg_type: 2, piece }))
}

export function encodeMetadataData(id: number, metadata: Uint8Array, piece: number): Buffer {
  const begin = piece * METADATA_PIECE_BYTES
  const head = encodeBencode({ msg_type: 1, piece, total_size: metadata.length })
  return encodeExtended(id, Buffer.concat([head, metadata.subarray(begin, begin + METADATA_PIECE_BYTES)]))
}

/** Undefined for a type that is not known, which is to be ignored. Throws PeerError BAD_MESSAGE. */
export function decodeMetadataMessage(payload: Uint8Array): MetadataMessage | undefined {
  const { value, end } = read(payload)
  const dict = asDict(value)
  const code = dict && integerField(dict, 'msg_type')
  const piece = dict && integerField(dict, 'piece')
  if (code === undefined || piece === undefined || piece < 0) {
    throw new PeerError('BAD_MESSAGE', 'a metadata message that names no piece')
  }
  const type = TYPES[code]
  if (type === undefined) return undefined
  return type === 'data' ? { type, piece, bytes: payload.subarray(end) } : { type, piece }
}

function read(payload: Uint8Array): BencodeReading {
  try {
    return readBencode(payload, BENCODE_LIMITS)
  } catch (cause) {
    throw new PeerError('BAD_MESSAGE', 'a metadata message that is not bencode', { cause })
  }
}
