/**
 * The encryption of one connection (MSE), in both directions: the handshake when we began it, and the ciphers that
 * hold from then on. Connections that are plain from the start have none of this.
 */
import type { Socket } from 'node:net'
import { MseHandshake, type MseProgress, type PayloadCipher } from '../wire/mse-handshake.js'
import type { StreamCiphers } from '../wire/mse-keys.js'
import type { Rc4 } from '../wire/rc4.js'
import { makeMseSecrets } from './mse-secrets.js'
import type { SendQueue } from './send-queue.js'

export interface EncryptedLine {
  readonly socket: Socket
  readonly sendQueue: SendQueue
}

export interface EncryptedCall {
  readonly infoHash: Uint8Array
  /** How payload may go afterwards. */
  readonly ciphers: readonly PayloadCipher[]
  /** The first bytes of our payload. */
  readonly initialPayload: Uint8Array
}

export class SessionEncryption {
  readonly #line: EncryptedLine
  /** While it is under way. */
  #handshake: MseHandshake | undefined
  /** Undefined: payload is plain. */
  #incoming: Rc4 | undefined

  private constructor(line: EncryptedLine) {
    this.#line = line
  }

  /** Begins the handshake. Nothing may be put into the send queue before the peer has sent payload. */
  static initiate(line: EncryptedLine, call: EncryptedCall): SessionEncryption {
    const encryption = new SessionEncryption(line)
    encryption.#handshake = MseHandshake.initiate({ ...call, secrets: makeMseSecrets() })
    encryption.#advance(encryption.#handshake, NO_BYTES)
    return encryption
  }

  /** The handshake is through. */
  static established(line: EncryptedLine, ciphers: StreamCiphers): SessionEncryption {
    const encryption = new SessionEncryption(line)
    encryption.#use(ciphers)
    return encryption
  }

  /**
   * The payload in what was read, in the place of the encrypted bytes once the handshake is through. Throws
   * PeerError.
   */
  decrypt(bytes: Buffer): Buffer {
    if (this.#handshake !== undefined) return this.#advance(this.#handshake, bytes)
    this.#incoming?.apply(bytes, bytes)
    return bytes
  }

  #advance(handshake: MseHandshake, bytes: Buffer): Buffer {
    const { reply, result }: MseProgress = handshake.push(bytes)
    if (reply.length > 0) this.#line.socket.write(reply)
    if (result === undefined) return NO_BYTES
    this.#handshake = undefined
    if (result.ciphers !== undefined) this.#use(result.ciphers)
    return result.payload
  }

  #use({ incoming, outgoing }: StreamCiphers): void {
    this.#incoming = incoming
    this.#line.sendQueue.encryptWith(outgoing)
  }
}

const NO_BYTES = Buffer.alloc(0)
