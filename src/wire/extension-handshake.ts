/** The first extension message in each direction (BEP 10): what a program is called and what it puts up with. */
import { asDict, bytesField, integerField } from '../core/bencode/bencode-fields.js'
import { decodeBencode } from '../core/bencode/decode-bencode.js'
import { encodeBencode } from '../core/bencode/encode-bencode.js'
import { PeerError } from '../core/errors.js'
import { encodeExtended } from './encode-messages.js'

/** The id that the handshake has among the extension messages. */
export const EXTENSION_HANDSHAKE_ID = 0

/** A dictionary of a few dozen small entries; anything more is not a handshake. */
const BENCODE_LIMITS = { depth: 8, tokens: 1_000 }

export interface ExtensionHandshake {
  /** How many requests the peer queues; undefined when it does not say. */
  readonly reqq: number | undefined
  /** The peer's program, as it says. */
  readonly program: string | undefined
}

export function encodeExtensionHandshake(own: { readonly program: string; readonly reqq: number }): Buffer {
  return encodeExtended(EXTENSION_HANDSHAKE_ID, encodeBencode({ m: {}, reqq: own.reqq, v: own.program }))
}

/** Throws PeerError BAD_MESSAGE when it is not a bencoded dictionary. Fields of a wrong kind count as absent. */
export function decodeExtensionHandshake(payload: Uint8Array): ExtensionHandshake {
  const dict = asDict(decode(payload))
  if (dict === undefined) throw new PeerError('BAD_MESSAGE', 'an extension handshake that is no dictionary')
  const reqq = integerField(dict, 'reqq')
  return {
    reqq: reqq !== undefined && reqq > 0 ? reqq : undefined,
    program: bytesField(dict, 'v')?.toString('utf8'),
  }
}

function decode(payload: Uint8Array) {
  try {
    return decodeBencode(payload, BENCODE_LIMITS)
  } catch (cause) {
    throw new PeerError('BAD_MESSAGE', 'an extension handshake that is not bencode', { cause })
  }
}
