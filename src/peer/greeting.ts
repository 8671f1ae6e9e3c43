/**
 * What a caller says before it is known for which torrent it comes: a handshake (BEP 3), plain or behind an
 * encrypted one (MSE). Bytes in, in any split; bytes out; no socket.
 *
 * Invariant: between calls no more is held than the handshake at hand waits for.
 */
import { PeerError } from '../core/errors.js'
import { type Encryption, PAYLOAD_CIPHERS } from '../swarm/encryption.js'
import { beginsPlainly, decodeHandshake, HANDSHAKE_BYTES } from '../wire/handshake.js'
import type { Handshake } from '../wire/messages.js'
import { MseHandshake, type MseResult, type ResponderOptions } from '../wire/mse-handshake.js'
import type { StreamCiphers } from '../wire/mse-keys.js'

export interface GreetingRules extends Pick<ResponderOptions, 'findInfoHash' | 'makeSecrets'> {
  readonly encryption: Encryption
}

export interface Introduction {
  readonly handshake: Handshake
  /** All payload so far, decrypted: the handshake, and what came with it. */
  readonly bytes: Buffer
  /** For what follows; undefined: it is plain. */
  readonly ciphers: StreamCiphers | undefined
}

export interface GreetingProgress {
  /** To be sent to the caller. */
  readonly reply: Buffer
  /** Undefined until the caller has introduced itself. */
  readonly introduction: Introduction | undefined
}

export class Greeting {
  readonly #rules: GreetingRules
  #stage: 'unknown' | 'encrypted' | 'payload' = 'unknown'
  #mse: MseHandshake | undefined
  #result: MseResult | undefined
  /** What is not understood yet. */
  #held: Buffer = NO_BYTES

  constructor(rules: GreetingRules) {
    this.#rules = rules
  }

  /** The bytes may be overwritten. Throws PeerError: this caller gets no further. */
  push(bytes: Buffer): GreetingProgress {
    if (this.#stage === 'unknown') return this.#recognise(bytes)
    if (this.#stage === 'encrypted') return this.#negotiate(bytes)
    this.#result?.ciphers?.incoming.apply(bytes, bytes)
    return this.#introduce(bytes)
  }

  #recognise(bytes: Buffer): GreetingProgress {
    const { encryption } = this.#rules
    const held = Buffer.concat([this.#held, bytes])
    this.#held = held
    const isPlain = beginsPlainly(held)
    if (isPlain === undefined) return WAITING
    this.#held = NO_BYTES
    if (isPlain ? encryption === 'require' : encryption === 'off') {
      throw new PeerError('BAD_HANDSHAKE', `it speaks ${isPlain ? 'plainly' : 'another protocol'}`)
    }
    this.#stage = isPlain ? 'payload' : 'encrypted'
    if (isPlain) return this.#introduce(held)
    this.#mse = MseHandshake.respond({ ...this.#rules, ciphers: PAYLOAD_CIPHERS[encryption] })
    return this.#negotiate(held)
  }

  #negotiate(bytes: Buffer): GreetingProgress {
    const { reply, result } = this.#mse!.push(bytes)
    if (result === undefined) return { reply, introduction: undefined }
    this.#stage = 'payload'
    this.#result = result
    return { ...this.#introduce(result.payload), reply }
  }

  #introduce(payload: Buffer): GreetingProgress {
    const bytes = Buffer.concat([this.#held, payload])
    this.#held = bytes
    if (bytes.length < HANDSHAKE_BYTES) return WAITING
    const handshake = decodeHandshake(bytes.subarray(0, HANDSHAKE_BYTES))
    if (this.#result !== undefined && Buffer.compare(handshake.infoHash, this.#result.infoHash) !== 0) {
      throw new PeerError('WRONG_INFO_HASH', 'it asks for two torrents at once')
    }
    return { reply: NO_BYTES, introduction: { handshake, bytes, ciphers: this.#result?.ciphers } }
  }
}

const NO_BYTES = Buffer.alloc(0)
const WAITING: GreetingProgress = { reply: NO_BYTES, introduction: undefined }
