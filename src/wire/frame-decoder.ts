/**
 * Cuts one peer's byte stream into messages (BEP 3: a handshake of 68 bytes, then frames of a 4-byte length
 * and a body), whatever way TCP split it.
 *
 * Invariants: the payload of a block is never kept or copied here, its parts go out as views of the bytes
 * that came in; every other body is at most `maxBodyBytes` long, and what is held of an unfinished one is
 * bounded by what has arrived. A length that its message cannot have ends the stream with a PeerError.
 */
import { PeerError } from '../core/errors.js'
import { decodeHandshake, HANDSHAKE_BYTES } from './handshake.js'
import { MESSAGE_ID, type Message } from './messages.js'

const PREFIX_BYTES = 4
/** Piece index and begin, before the payload. */
const BLOCK_HEADER_BYTES = 8
/** Prefix, id, index, begin. */
const WHOLE_BLOCK_HEADER_BYTES = PREFIX_BYTES + 1 + BLOCK_HEADER_BYTES
const INITIAL_HELD_BYTES = 256

type Expecting = 'handshake' | 'prefix' | 'id' | 'body' | 'blockHeader' | 'blockPayload' | 'skipped'

export class FrameDecoder {
  readonly #maxBodyBytes: number
  #expecting: Expecting = 'handshake'
  /** Bytes that complete what is expected. */
  #need = HANDSHAKE_BYTES
  /** The body's bytes after its id. */
  #bodyBytes = 0
  #id = 0
  /** The start of what is expected, when it did not arrive in one read. */
  #held = Buffer.allocUnsafe(INITIAL_HELD_BYTES)
  #heldBytes = 0
  #blockIndex = 0
  #blockBegin = 0
  #blockLength = 0

  constructor(maxBodyBytes: number) {
    this.#maxBodyBytes = maxBodyBytes
  }

  /** Takes bytes in any split; answers each message that is now complete, and each part of a block. */
  push(bytes: Buffer): Message[] {
    const messages: Message[] = []
    let at = 0
    while (at < bytes.length) {
      if (this.#isAtBlock(bytes, at)) {
        this.#beginBlock(bytes, at)
        at += WHOLE_BLOCK_HEADER_BYTES
        continue
      }
      const end = Math.min(at + this.#need, bytes.length)
      const message = this.#advance(bytes, at, end)
      if (message !== undefined) messages.push(message)
      at = end
    }
    return messages
  }

  /** A block's header lies whole in the bytes: the way that nearly all bytes go, and worth a short cut. */
  #isAtBlock(bytes: Buffer, at: number): boolean {
    return (
      this.#expecting === 'prefix' &&
      this.#heldBytes === 0 &&
      bytes[at + PREFIX_BYTES] === MESSAGE_ID.block &&
      bytes.length - at >= WHOLE_BLOCK_HEADER_BYTES &&
      // A keep-alive has no id: what looks like one is the next length.
      bytes.readUInt32BE(at) !== 0
    )
  }

  #beginBlock(bytes: Buffer, at: number): void {
    this.#takePrefix(bytes.readUInt32BE(at))
    this.#takeId(MESSAGE_ID.block)
    this.#takeBlockHeader(bytes, at + PREFIX_BYTES + 1)
  }

  /** Takes bytes up to the end of what is expected, and no further. */
  #advance(bytes: Buffer, at: number, end: number): Message | undefined {
    if (this.#expecting === 'blockPayload') return this.#takeBlockPart(bytes.subarray(at, end))
    if (this.#expecting === 'skipped') return this.#skip(end - at)
    if (this.#heldBytes === 0 && end - at === this.#need) return this.#take(bytes, at, end)
    const whole = this.#hold(bytes.subarray(at, end))
    return whole === undefined ? undefined : this.#take(whole, 0, whole.length)
  }

  #takeBlockPart(bytes: Buffer): Message {
    const offset = this.#blockLength - this.#need
    this.#need -= bytes.length
    if (this.#need === 0) this.#expect('prefix', PREFIX_BYTES)
    return {
      type: 'block',
      index: this.#blockIndex,
      begin: this.#blockBegin,
      length: this.#blockLength,
      offset,
      bytes,
    }
  }

  #skip(arrived: number): undefined {
    this.#need -= arrived
    if (this.#need === 0) this.#expect('prefix', PREFIX_BYTES)
  }

  /** Keeps a copy of an incomplete start. The copy grows with what arrives, not with what a peer announces. */
  #hold(bytes: Buffer): Buffer | undefined {
    const total = this.#heldBytes + bytes.length
    if (total > this.#held.length) {
      const larger = Buffer.allocUnsafe(Math.max(total, this.#held.length * 2))
      this.#held.copy(larger, 0, 0, this.#heldBytes)
      this.#held = larger
    }
    bytes.copy(this.#held, this.#heldBytes)
    this.#heldBytes = total
    this.#need -= bytes.length
    if (this.#need > 0) return undefined
    const whole = this.#held.subarray(0, total)
    this.#heldBytes = 0
    if (total > INITIAL_HELD_BYTES) this.#held = Buffer.allocUnsafe(INITIAL_HELD_BYTES)
    return whole
  }

  /** All of what was expected is here. Sets what comes next. */
  #take(bytes: Buffer, at: number, end: number): Message | undefined {
    switch (this.#expecting) {
      case 'handshake':
        this.#expect('prefix', PREFIX_BYTES)
        return decodeHandshake(bytes.subarray(at, end))
      case 'prefix':
        return this.#takePrefix(bytes.readUInt32BE(at))
      case 'id':
        return this.#takeId(bytes[at]!)
      case 'blockHeader':
        return this.#takeBlockHeader(bytes, at)
      case 'body':
        this.#expect('prefix', PREFIX_BYTES)
        return decodeBody(this.#id, bytes.subarray(at, end))
      case 'blockPayload':
      case 'skipped':
        throw new Error('payload and skipped bytes are not taken whole')
      default:
        return this.#expecting satisfies never
    }
  }

  #takePrefix(length: number): Message | undefined {
    if (length > this.#maxBodyBytes) {
      throw new PeerError('FRAME_TOO_LONG', `a message of ${length} bytes; at most ${this.#maxBodyBytes}`)
    }
    if (length === 0) {
      this.#expect('prefix', PREFIX_BYTES)
      return { type: 'keepAlive' }
    }
    this.#bodyBytes = length - 1
    this.#expect('id', 1)
    return undefined
  }

  #takeId(id: number): Message | undefined {
    this.#id = id
    checkBodyLength(id, this.#bodyBytes)
    if (id === MESSAGE_ID.block) {
      this.#blockLength = this.#bodyBytes - BLOCK_HEADER_BYTES
      this.#expect('blockHeader', BLOCK_HEADER_BYTES)
    } else if (KNOWN_IDS.has(id) && this.#bodyBytes > 0) {
      this.#expect('body', this.#bodyBytes)
    } else {
      if (this.#bodyBytes > 0) this.#expect('skipped', this.#bodyBytes)
      else this.#expect('prefix', PREFIX_BYTES)
      return decodeBody(id, NO_BYTES)
    }
    return undefined
  }

  #takeBlockHeader(bytes: Buffer, at: number): undefined {
    this.#blockIndex = bytes.readUInt32BE(at)
    this.#blockBegin = bytes.readUInt32BE(at + 4)
    this.#expect('blockPayload', this.#blockLength)
  }

  #expect(what: Expecting, bytes: number): void {
    this.#expecting = what
    this.#need = bytes
  }
}

const NO_BYTES = Buffer.alloc(0)

/** The body's length after the id, for messages that have only one; undefined where it varies. */
const EXACT_BODY_BYTES: Readonly<Record<number, number>> = {
  [MESSAGE_ID.choke]: 0,
  [MESSAGE_ID.unchoke]: 0,
  [MESSAGE_ID.interested]: 0,
  [MESSAGE_ID.notInterested]: 0,
  [MESSAGE_ID.have]: 4,
  [MESSAGE_ID.request]: 12,
  [MESSAGE_ID.cancel]: 12,
  [MESSAGE_ID.port]: 2,
  [MESSAGE_ID.suggest]: 4,
  [MESSAGE_ID.haveAll]: 0,
  [MESSAGE_ID.haveNone]: 0,
  [MESSAGE_ID.reject]: 12,
  [MESSAGE_ID.allowedFast]: 4,
}

/** Of the messages whose length varies, the least that they can have after the id. */
const LEAST_BODY_BYTES: Readonly<Record<number, number>> = {
  [MESSAGE_ID.block]: BLOCK_HEADER_BYTES + 1,
  [MESSAGE_ID.extended]: 1,
}

function checkBodyLength(id: number, bodyBytes: number): void {
  const exact = EXACT_BODY_BYTES[id]
  const least = LEAST_BODY_BYTES[id] ?? 0
  if (exact === undefined ? bodyBytes < least : bodyBytes !== exact) {
    throw new PeerError('BAD_MESSAGE', `message ${id} with a body of ${bodyBytes} bytes`)
  }
}

const KNOWN_IDS: ReadonlySet<number> = new Set(Object.values(MESSAGE_ID))

/** Everything that outlives the call is copied out of `body`. */
function decodeBody(id: number, body: Buffer): Message {
  switch (id) {
    case MESSAGE_ID.choke:
      return { type: 'choke' }
    case MESSAGE_ID.unchoke:
      return { type: 'unchoke' }
    case MESSAGE_ID.interested:
      return { type: 'interested' }
    case MESSAGE_ID.notInterested:
      return { type: 'notInterested' }
    case MESSAGE_ID.have:
      return { type: 'have', index: body.readUInt32BE(0) }
    case MESSAGE_ID.bitfield:
      return { type: 'bitfield', bytes: Uint8Array.from(body) }
    case MESSAGE_ID.request:
      return decodeRequest('request', body)
    case MESSAGE_ID.cancel:
      return decodeRequest('cancel', body)
    case MESSAGE_ID.port:
      return { type: 'port', port: body.readUInt16BE(0) }
    case MESSAGE_ID.suggest:
      return { type: 'suggest', index: body.readUInt32BE(0) }
    case MESSAGE_ID.haveAll:
      return { type: 'haveAll' }
    case MESSAGE_ID.haveNone:
      return { type: 'haveNone' }
    case MESSAGE_ID.reject:
      return decodeRequest('reject', body)
    case MESSAGE_ID.allowedFast:
      return { type: 'allowedFast', index: body.readUInt32BE(0) }
    case MESSAGE_ID.extended:
      return { type: 'extended', id: body[0]!, payload: Uint8Array.from(body.subarray(1)) }
    default:
      return { type: 'unknown', id }
  }
}

function decodeRequest<Type extends 'request' | 'cancel' | 'reject'>(type: Type, body: Buffer) {
  return { type, index: body.readUInt32BE(0), begin: body.readUInt32BE(4), length: body.readUInt32BE(8) }
}
