/**
 * The first extension message in each direction (BEP 10): which extensions a program speaks, what it is
 * called and what it puts up with.
 */

import { asDict, asInteger, bytesField, dictField, integerField } from '../core/bencode/bencode-fields.js'
import type { BencodeDict } from '../core/bencode/bencode-value.js'
import { decodeBencode } from '../core/bencode/decode-bencode.js'
import { encodeBencode } from '../core/bencode/encode-bencode.js'
import { PeerError } from '../core/errors.js'
import { encodeExtended } from './encode-messages.js'
import { EXTENSION_IDS, type ExtensionIds, type ExtensionName } from './extension-ids.js'

/** The id that the handshake has among the extension messages. */
export const EXTENSION_HANDSHAKE_ID = 0

/** A dictionary of a few dozen small entries; anything more is not a handshake. */
const BENCODE_LIMITS = { depth: 8, tokens: 1_000 }

export interface OwnExtensions {
  readonly program: string
  readonly reqq: number
  /** Those that this peer may send us. */
  readonly extensions?: readonly ExtensionName[]
  /** Of the info dict (BEP 9); undefined while we do not have it. */
  readonly metadataBytes?: number | undefined
  /** Where we accept connections. */
  readonly port?: number
  /** The peer's address as we see it, 4 or 16 bytes. */
  readonly yourIp?: Uint8Array | undefined
  /** We want no pieces (BEP 21). */
  readonly isUploadOnly?: boolean
}

export interface ExtensionHandshake {
  /** How many requests the peer queues; undefined when it does not say. */
  readonly reqq: number | undefined
  /** The peer's program, as it says. */
  readonly program: string | undefined
  /** The ids under which the peer takes messages of extensions that we know, now. */
  readonly ids: ExtensionIds
  /** The length of the info dict, as the peer claims. */
  readonly metadataBytes: number | undefined
  /** Where the peer accepts connections. */
  readonly port: number | undefined
  /** Our address as the peer sees it, 4 or 16 bytes. */
  readonly yourIp: Uint8Array | undefined
  /** It wants no pieces (BEP 21); undefined when it does not say. */
  readonly isUploadOnly: boolean | undefined
}

export function encodeExtensionHandshake(own: OwnExtensions): Buffer {
  const names = own.extensions ?? []
  const dict = {
    m: Object.fromEntries(names.map((name) => [name, EXTENSION_IDS[name]])),
    metadata_size: own.metadataBytes,
    p: own.port,
    reqq: own.reqq,
    upload_only: own.isUploadOnly === true ? 1 : undefined,
    v: own.program,
    yourip: own.yourIp,
  }
  return encodeExtended(EXTENSION_HANDSHAKE_ID, encodeBencode(dict))
}

/**
 * A peer may send another one later, with what has changed: `known` are the ids that it had named before. Throws
 * PeerError BAD_MESSAGE when it is not a bencoded dictionary. Fields of a wrong kind count as absent.
 */
export function decodeExtensionHandshake(
  payload: Uint8Array,
  known: ExtensionIds = new Map(),
): ExtensionHandshake {
  const dict = asDict(decode(payload))
  if (dict === undefined) throw new PeerError('BAD_MESSAGE', 'an extension handshake that is no dictionary')
  return {
    reqq: positiveField(dict, 'reqq'),
    program: bytesField(dict, 'v')?.toString('utf8'),
    ids: decodeIds(dictField(dict, 'm'), known),
    metadataBytes: positiveField(dict, 'metadata_size'),
    port: positiveField(dict, 'p', 65_535),
    yourIp: addressField(dict, 'yourip'),
    isUploadOnly: flagField(dict, 'upload_only'),
  }
}

function decode(payload: Uint8Array) {
  try {
    return decodeBencode(payload, BENCODE_LIMITS)
  } catch (cause) {
    throw new PeerError('BAD_MESSAGE', 'an extension handshake that is not bencode', { cause })
  }
}

/** Id 0 takes an extension back (BEP 10), and an id takes one byte. */
function decodeIds(named: BencodeDict | undefined, known: ExtensionIds): ExtensionIds {
  const ids = new Map(known)
  for (const name of Object.keys(EXTENSION_IDS) as ExtensionName[]) {
    const id = asInteger(named?.get(name))
    if (id === 0) ids.delete(name)
    else if (id !== undefined && id > 0 && id <= 255) ids.set(name, id)
  }
  return ids
}

function addressField(dict: BencodeDict, key: string): Uint8Array | undefined {
  const bytes = bytesField(dict, key)
  return bytes?.length === 4 || bytes?.length === 16 ? bytes : undefined
}

function flagField(dict: BencodeDict, key: string): boolean | undefined {
  const value = integerField(dict, key)
  return value === undefined ? undefined : value !== 0
}

function positiveField(
  dict: BencodeDict,
  key: string,
  most: number = Number.MAX_SAFE_INTEGER,
): number | undefined {
  const value = integerField(dict, key)
  return value !== undefined && value > 0 && value <= most ? value : undefined
}
