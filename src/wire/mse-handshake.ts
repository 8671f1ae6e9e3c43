/**
 * The handshake of message stream encryption (MSE, also called protocol encryption): bytes in, bytes out, no
 * socket, no dice. A calls, B answers; S is the secret of a Diffie-Hellman exchange, SKEY the info hash.
 *
 *   A  Ya, PadA
 *   B  Yb, PadB
 *   A  HASH('req1', S), HASH('req2', SKEY) xor HASH('req3', S), then in RC4:
 *      VC, crypto_provide, len(PadC), PadC, len(IA), IA
 *   B  in RC4: VC, crypto_select, len(PadD), PadD
 *
 * What follows is the payload, which begins with IA on A's side: plain, or in the same RC4 streams.
 */
import { PeerError } from '../core/errors.js'
import {
  ciphersOf,
  infoHashMark,
  maskInfoHashMark,
  PUBLIC_KEY_BYTES,
  publicKeyOf,
  type StreamCiphers,
  secretMark,
  sharedSecret,
} from './mse-keys.js'
import { MseLine, type Waiting } from './mse-line.js'
import type { Rc4 } from './rc4.js'

export const MOST_PADDING_BYTES = 512
const MARK_BYTES = 20
const VERIFICATION = new Uint8Array(8)

/** How the payload goes over the line. */
export type PayloadCipher = 'plain' | 'rc4'

const CIPHER_BITS: Readonly<Record<PayloadCipher, number>> = { plain: 1, rc4: 2 }

/** What a handshake needs of chance: fresh for each. */
export interface MseSecrets {
  readonly privateKey: Uint8Array
  /** Each 0 to MOST_PADDING_BYTES long. */
  readonly padding: readonly [Uint8Array, Uint8Array]
}

export interface InitiatorOptions {
  readonly secrets: MseSecrets
  readonly infoHash: Uint8Array
  /** What may be chosen for the payload. */
  readonly ciphers: readonly PayloadCipher[]
  /** The first bytes of our payload (IA): they need not wait for the answer. */
  readonly initialPayload: Uint8Array
}

export interface ResponderOptions {
  /** Called once there is a key to answer; what it throws ends the handshake. */
  readonly makeSecrets: () => MseSecrets
  /** Whose mark ({@link infoHashMark}) it is; undefined when it is none of ours. */
  readonly findInfoHash: (mark: Buffer) => Uint8Array | undefined
  /** What the payload may be, best first. */
  readonly ciphers: readonly PayloadCipher[]
}

export interface MseResult {
  readonly infoHash: Uint8Array
  /** For all payload from here on; undefined: it is plain. */
  readonly ciphers: StreamCiphers | undefined
  /** Payload that has come already, decrypted. */
  readonly payload: Buffer
}

export interface MseProgress {
  readonly reply: Buffer
  /** Undefined until the handshake is through. */
  readonly result: MseResult | undefined
}

export class MseHandshake {
  readonly #line: MseLine
  readonly #steps: Waiting<MseResult>

  private constructor(line: MseLine, steps: Waiting<MseResult>) {
    this.#line = line
    this.#steps = steps
  }

  static initiate(options: InitiatorOptions): MseHandshake {
    const line = new MseLine()
    return new MseHandshake(line, initiate(line, options))
  }

  static respond(options: ResponderOptions): MseHandshake {
    const line = new MseLine()
    return new MseHandshake(line, respond(line, options))
  }

  /**
   * Takes bytes in any split, none to begin with, and not after the result. Throws PeerError BAD_HANDSHAKE:
   * nothing more can come of this connection.
   */
  push(bytes: Uint8Array): MseProgress {
    this.#line.hear(bytes)
    const step = this.#steps.next()
    return { reply: this.#line.takeSaid(), result: step.done === true ? step.value : undefined }
  }
}

function* initiate(line: MseLine, options: InitiatorOptions): Waiting<MseResult> {
  const { secrets, infoHash, ciphers, initialPayload } = options
  line.say(publicKeyOf(secrets.privateKey), secrets.padding[0])
  const secret = sharedSecret(secrets.privateKey, yield* line.take(PUBLIC_KEY_BYTES))
  const { incoming, outgoing } = ciphersOf('initiator', secret, infoHash)
  const provided = ciphers.reduce((bits, cipher) => bits | CIPHER_BITS[cipher], 0)
  line.say(secretMark(secret), maskInfoHashMark(infoHashMark(infoHash), secret))
  line.say(
    applied(
      outgoing,
      Buffer.concat([VERIFICATION, uint32(provided), sized(secrets.padding[1]), sized(initialPayload)]),
    ),
  )
  yield* line.skipPast(applied(incoming, VERIFICATION), MOST_PADDING_BYTES)
  const selected = applied(incoming, yield* line.take(4)).readUInt32BE()
  const cipher = ciphers.find((offered) => CIPHER_BITS[offered] === selected)
  if (cipher === undefined) throw new PeerError('BAD_HANDSHAKE', `it selects cipher ${selected}`)
  yield* skipPadding(line, incoming)
  const payload = line.takeRest()
  if (cipher === 'plain') return { infoHash, payload, ciphers: undefined }
  return { infoHash, payload: applied(incoming, payload), ciphers: { incoming, outgoing } }
}

function* respond(line: MseLine, options: ResponderOptions): Waiting<MseResult> {
  const { findInfoHash, ciphers } = options
  const theirKey = yield* line.take(PUBLIC_KEY_BYTES)
  const secrets = options.makeSecrets()
  const secret = sharedSecret(secrets.privateKey, theirKey)
  line.say(publicKeyOf(secrets.privateKey), secrets.padding[0])
  yield* line.skipPast(secretMark(secret), MOST_PADDING_BYTES)
  const infoHash = findInfoHash(maskInfoHashMark(yield* line.take(MARK_BYTES), secret))
  if (infoHash === undefined) throw new PeerError('BAD_HANDSHAKE', 'it asks for a torrent that is not here')
  const { incoming, outgoing } = ciphersOf('responder', secret, infoHash)
  const verification = applied(incoming, yield* line.take(VERIFICATION.length))
  if (!verification.equals(VERIFICATION)) throw new PeerError('BAD_HANDSHAKE', 'it cannot be decrypted')
  const provided = applied(incoming, yield* line.take(4)).readUInt32BE()
  const cipher = ciphers.find((accepted) => (provided & CIPHER_BITS[accepted]) !== 0)
  if (cipher === undefined) throw new PeerError('BAD_HANDSHAKE', `no common cipher in ${provided}`)
  yield* skipPadding(line, incoming)
  const initialBytes = applied(incoming, yield* line.take(2)).readUInt16BE()
  const initialPayload = applied(incoming, yield* line.take(initialBytes))
  line.say(
    applied(outgoing, Buffer.concat([VERIFICATION, uint32(CIPHER_BITS[cipher]), sized(secrets.padding[1])])),
  )
  const rest = line.takeRest()
  if (cipher === 'plain')
    return { infoHash, ciphers: undefined, payload: Buffer.concat([initialPayload, rest]) }
  const payload = Buffer.concat([initialPayload, applied(incoming, rest)])
  return { infoHash, ciphers: { incoming, outgoing }, payload }
}

function* skipPadding(line: MseLine, incoming: Rc4): Waiting<void> {
  const paddingBytes = applied(incoming, yield* line.take(2)).readUInt16BE()
  if (paddingBytes > MOST_PADDING_BYTES) {
    throw new PeerError('BAD_HANDSHAKE', `padding of ${paddingBytes} bytes`)
  }
  applied(incoming, yield* line.take(paddingBytes))
}

/** A copy that went through the cipher, one way or the other. */
function applied(cipher: Rc4, bytes: Uint8Array): Buffer {
  const result = Buffer.allocUnsafe(bytes.length)
  cipher.apply(bytes, result)
  return result
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** With its length in two bytes before it. */
function sized(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(bytes.length)
  return Buffer.concat([length, bytes])
}
