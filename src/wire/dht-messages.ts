/**
 * The packets of the DHT (BEP 5): questions, answers and refusals, bencoded. Whatever arrives comes from
 * anybody, so a packet is taken apart field by field: what comes out of `decodeDhtMessage` has every field that
 * its kind needs, of the right type and length, and nothing else.
 */
import {
  asDict,
  asInteger,
  asList,
  bytesField,
  dictField,
  integerField,
} from '../core/bencode/bencode-fields.js'
import type { Bencodable, BencodeDict, BencodeValue } from '../core/bencode/bencode-value.js'
import { decodeBencode } from '../core/bencode/decode-bencode.js'
import { encodeBencode } from '../core/bencode/encode-bencode.js'

/** Of node ids, and of info hashes. */
export const DHT_ID_BYTES = 20
/** A node in compact form: its id, its IPv4 address, its port. */
export const COMPACT_NODE_BYTES = 26
/** A peer in compact form: its IPv4 address, its port. */
export const COMPACT_PEER_BYTES = 6

export type DhtMethod = 'ping' | 'find_node' | 'get_peers' | 'announce_peer'

/** What is asked; which of these there are depends on the method. */
export interface DhtArguments {
  readonly target?: Buffer
  readonly info_hash?: Buffer
  readonly token?: Buffer
  readonly port?: number
  readonly implied_port?: number
}

export interface DhtQuestion {
  readonly type: 'question'
  readonly transaction: Buffer
  readonly method: DhtMethod
  readonly args: DhtArguments
  /** The asker answers nobody (BEP 43). */
  readonly isReadOnly: boolean
}

export interface DhtAnswer {
  readonly type: 'answer'
  readonly transaction: Buffer
  /** Of the node that answers. */
  readonly id: Buffer
  /** Whole compact nodes. */
  readonly nodes: Buffer
  /** Compact peers. */
  readonly values: readonly Buffer[]
  /** To be given back with an announce. */
  readonly token: Buffer | undefined
}

export interface DhtRefusal {
  readonly type: 'refusal'
  readonly transaction: Buffer
  readonly code: number
}

export type DhtMessage = DhtQuestion | DhtAnswer | DhtRefusal

/** `2:roi1e` (BEP 43) asks the others not to remember us. */
export function encodeDhtQuestion(
  transaction: Uint8Array,
  { q, a }: { readonly q: string; readonly a: { readonly [name: string]: Bencodable | undefined } },
  isReadOnly: boolean,
): Buffer {
  return encodeBencode({ t: transaction, y: 'q', q, a, ro: isReadOnly ? 1 : undefined })
}

export function encodeDhtAnswer(
  transaction: Uint8Array,
  answer: { readonly [name: string]: Bencodable | undefined },
): Buffer {
  return encodeBencode({ t: transaction, y: 'r', r: answer })
}

export function encodeDhtRefusal(transaction: Uint8Array, error: readonly (number | string)[]): Buffer {
  return encodeBencode({ t: transaction, y: 'e', e: error })
}

/** Undefined when it is none, or lacks what its kind needs. Never throws. */
export function decodeDhtMessage(packet: Uint8Array): DhtMessage | undefined {
  const dict = asDict(decoded(packet))
  const transaction = dict && bytesField(dict, 't')
  if (dict === undefined || transaction === undefined || transaction.length > MOST_TRANSACTION_BYTES) {
    return undefined
  }
  switch (bytesField(dict, 'y')?.toString('latin1')) {
    case 'q':
      return readQuestion(dict, transaction)
    case 'r':
      return readAnswer(dict, transaction)
    case 'e':
      return { type: 'refusal', transaction, code: asInteger(asList(dict.get('e'))?.[0]) ?? 0 }
    default:
      return undefined
  }
}

/** Beyond the values of any packet that one of these fits into. */
const BENCODE_LIMITS = { depth: 6, tokens: 1_000 }
/** Two bytes are usual. They are sent back to whoever asks, so they are not to be long. */
const MOST_TRANSACTION_BYTES = 32
/** Tokens of 20 bytes are the longest in use. */
const MOST_TOKEN_BYTES = 64

function decoded(packet: Uint8Array): BencodeValue | undefined {
  try {
    return decodeBencode(packet, BENCODE_LIMITS)
  } catch {
    return undefined
  }
}

function readQuestion(dict: BencodeDict, transaction: Buffer): DhtQuestion | undefined {
  const given = dictField(dict, 'a')
  const name = bytesField(dict, 'q')?.toString('latin1')
  if (given === undefined || name === undefined || idField(given, 'id') === undefined) return undefined
  const asked = (READERS.get(name) ?? readUnknown)(given)
  if (asked === undefined) return undefined
  return { type: 'question', transaction, isReadOnly: integerField(dict, 'ro') === 1, ...asked }
}

type Asked = Pick<DhtQuestion, 'method' | 'args'>

/** What each method needs; undefined when that is not there. */
const READERS = new Map<string, (given: BencodeDict) => Asked | undefined>([
  ['ping', () => ({ method: 'ping', args: {} })],
  ['find_node', readFindNode],
  ['get_peers', readGetPeers],
  ['announce_peer', readAnnouncePeer],
])

function readFindNode(given: BencodeDict): Asked | undefined {
  const target = idField(given, 'target')
  return target && { method: 'find_node', args: { target } }
}

function readGetPeers(given: BencodeDict): Asked | undefined {
  const info_hash = idField(given, 'info_hash')
  return info_hash && { method: 'get_peers', args: { info_hash } }
}

function readAnnouncePeer(given: BencodeDict): Asked | undefined {
  const info_hash = idField(given, 'info_hash')
  const token = tokenField(given)
  const port = integerField(given, 'port') ?? 0
  const implied_port = integerField(given, 'implied_port') ?? 0
  return info_hash && token && { method: 'announce_peer', args: { info_hash, token, port, implied_port } }
}

/** BEP 5: what we do not know counts as `find_node` when it names a place, so that its asker gets nearer to it. */
function readUnknown(given: BencodeDict): Asked | undefined {
  const target = idField(given, 'target') ?? idField(given, 'info_hash')
  return target && { method: 'find_node', args: { target } }
}

function readAnswer(dict: BencodeDict, transaction: Buffer): DhtAnswer | undefined {
  const given = dictField(dict, 'r')
  const id = given && idField(given, 'id')
  if (given === undefined || id === undefined) return undefined
  const nodes = bytesField(given, 'nodes') ?? Buffer.alloc(0)
  return {
    type: 'answer',
    transaction,
    id,
    nodes: nodes.subarray(0, nodes.length - (nodes.length % COMPACT_NODE_BYTES)),
    values: (asList(given.get('values')) ?? []).filter(isCompactPeer),
    token: tokenField(given),
  }
}

function isCompactPeer(value: BencodeValue): value is Buffer {
  return Buffer.isBuffer(value) && value.length === COMPACT_PEER_BYTES
}

function idField(dict: BencodeDict, key: string): Buffer | undefined {
  const id = bytesField(dict, key)
  return id?.length === DHT_ID_BYTES ? id : undefined
}

function tokenField(dict: BencodeDict): Buffer | undefined {
  const token = bytesField(dict, 'token')
  return token !== undefined && token.length > 0 && token.length <= MOST_TOKEN_BYTES ? token : undefined
}
