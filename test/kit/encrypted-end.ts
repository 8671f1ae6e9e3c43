/** A peer's end of an encrypted connection: says and reads payload, as the test has it, in the clear. */
import type { Socket } from 'node:net'
import {
  type InitiatorOptions,
  MseHandshake,
  type MseResult,
  type PayloadCipher,
} from '../../src/wire/mse-handshake.js'
import { secretsOf } from './mse-secrets.js'

export interface EncryptedEndOptions {
  readonly ciphers?: readonly PayloadCipher[]
  readonly infoHash?: Uint8Array
  readonly initialPayload?: Uint8Array
}

const INFO_HASH = new Uint8Array(20).fill(0x11)
const NO_BYTES = Buffer.alloc(0)

export class EncryptedEnd {
  readonly cipher: PayloadCipher
  /** Everything that the peer has said so far. */
  heard: Buffer
  #wake: () => void = () => {}

  private constructor(
    readonly socket: Socket,
    readonly result: MseResult,
  ) {
    this.cipher = result.ciphers === undefined ? 'plain' : 'rc4'
    this.heard = result.payload
    socket.on('data', (bytes) => {
      result.ciphers?.incoming.apply(bytes, bytes)
      this.heard = Buffer.concat([this.heard, bytes])
      this.#wake()
    })
    socket.on('close', () => this.#wake())
    socket.resume()
  }

  /** Answers an encrypted handshake. Rejects when none comes. */
  static async answer(socket: Socket, options: EncryptedEndOptions = {}): Promise<EncryptedEnd> {
    const { ciphers = ['plain', 'rc4'], infoHash = INFO_HASH } = options
    const makeSecrets = () => secretsOf(2, [100, 10])
    const handshake = MseHandshake.respond({ ciphers, makeSecrets, findInfoHash: () => infoHash })
    return new EncryptedEnd(socket, await through(socket, handshake))
  }

  /** Begins an encrypted handshake. Rejects when it is not answered. */
  static async call(socket: Socket, options: EncryptedEndOptions = {}): Promise<EncryptedEnd> {
    return new EncryptedEnd(socket, await through(socket, callingHandshake(options)))
  }

  write(...parts: readonly Uint8Array[]): void {
    const bytes = Buffer.concat(parts)
    this.result.ciphers?.outgoing.apply(bytes, bytes)
    this.socket.write(bytes)
  }

  /** So many bytes of payload. Rejects when the connection ends first. */
  async read(length: number): Promise<Buffer> {
    while (this.heard.length < length) {
      if (this.socket.closed) throw new Error(`the connection ended after ${this.heard.length} bytes`)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    const bytes = this.heard.subarray(0, length)
    this.heard = this.heard.subarray(length)
    return bytes
  }
}

export function callingHandshake(options: EncryptedEndOptions = {}): MseHandshake {
  const { ciphers = ['plain', 'rc4'], infoHash = INFO_HASH, initialPayload = NO_BYTES } = options
  const call: InitiatorOptions = { ciphers, infoHash, initialPayload, secrets: secretsOf(1, [50, 20]) }
  return MseHandshake.initiate(call)
}

function through(socket: Socket, handshake: MseHandshake): Promise<MseResult> {
  return new Promise((resolve, reject) => {
    const gone = () => reject(new Error('the connection ended before the handshake was through'))
    const advance = (bytes: Buffer) => {
      try {
        const { reply, result } = handshake.push(bytes)
        if (reply.length > 0) socket.write(reply)
        if (result === undefined) return
        socket.off('data', advance).off('close', gone).pause()
        resolve(result)
      } catch (error) {
        reject(error)
      }
    }
    socket.on('data', advance).on('close', gone)
    advance(NO_BYTES)
  })
}
