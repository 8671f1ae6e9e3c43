/**
 * One connection to one peer, from the first byte to the last: its handshake, the four flags of BEP 3, its
 * send queue, keep-alives and time-outs. What messages mean for the torrent is its owner's affair.
 *
 * The owner hears of everything through {@link PeerSessionOwner}, synchronously; an owner that throws a
 * PeerError ends the session with it. `closed` comes exactly once, and nothing after it.
 */
import type { Socket } from 'node:net'
import { LIMITS } from '../config.js'
import type { Clock } from '../core/clock.js'
import { PeerError } from '../core/errors.js'
import type { PeerAddress } from '../core/peer-address.js'
import { ChatterBudget } from '../swarm/chatter-budget.js'
import { INTERESTED, KEEP_ALIVE, NOT_INTERESTED } from '../wire/encode-messages.js'
import { encodeHandshake } from '../wire/handshake.js'
import type { Handshake, Message } from '../wire/messages.js'
import type { PayloadCipher } from '../wire/mse-handshake.js'
import type { StreamCiphers } from '../wire/mse-keys.js'
import { dial } from './dial.js'
import { MessageStream } from './message-stream.js'
import { SendQueue } from './send-queue.js'
import { type EncryptedLine, SessionEncryption } from './session-encryption.js'

export interface PeerSessionOwner {
  /** The peer's handshake has come. Throw PeerError to refuse it. */
  handshaken(session: PeerSession, handshake: Handshake): void
  /** Any message but a handshake. The bytes of a block are valid until this returns. */
  message(session: PeerSession, message: Exclude<Message, Handshake>): void
  /** All messages of one read have been handed over: the time to refill the request window. */
  readDone(session: PeerSession): void
  /** The socket was full and takes bytes again. */
  writable(session: PeerSession): void
  closed(session: PeerSession, error: Error): void
}

/** How a session comes by its connection. */
export interface ConnectionOrigin {
  /**
   * A connection that the peer made, what was read of it so far, and how to decrypt what follows. Without it the
   * address is dialled.
   */
  readonly incoming?: {
    readonly socket: Socket
    readonly bytes: Buffer
    readonly ciphers: StreamCiphers | undefined
  }
  /** The address is dialled with an encrypted handshake, and payload may go in these ways after it. */
  readonly payloadCiphers?: readonly PayloadCipher[] | undefined
}

export interface PeerSessionOptions extends ConnectionOrigin {
  readonly address: PeerAddress
  readonly infoHash: Uint8Array
  readonly peerId: Uint8Array
  /** Says that we have a node in the DHT (BEP 5). False. */
  readonly isInDht?: boolean
  readonly clock: Clock
  readonly owner: PeerSessionOwner
}

type SessionPhase = 'connecting' | 'handshaking' | 'open' | 'closed'

const PATIENCE_MS = {
  connecting: LIMITS.connectMs,
  handshaking: LIMITS.handshakeMs,
  open: LIMITS.idleMs,
} as const

export class PeerSession {
  readonly address: PeerAddress
  amInterested = false
  peerChoking = true
  peerInterested = false

  readonly #options: PeerSessionOptions
  readonly #socket: Socket
  readonly #messages = new MessageStream(LIMITS.wireMessageBytes)
  readonly #sendQueue: SendQueue
  readonly #chatter: ChatterBudget
  /** Undefined: the connection is plain. */
  #encryption: SessionEncryption | undefined
  #wasTurnedAway = false
  #phase: SessionPhase = 'connecting'
  /** When the connection, or the wait for the handshake, began: a peer that drips gets no longer for it. */
  #begunMs: number
  #heardMs: number
  #saidMs: number

  /** Our handshake goes out as soon as there is a connection. The owner hears nothing before this returns. */
  constructor(options: PeerSessionOptions) {
    this.address = options.address
    this.#options = options
    this.#begunMs = options.clock.now()
    this.#heardMs = this.#begunMs
    this.#saidMs = this.#begunMs
    this.#chatter = new ChatterBudget(this.#begunMs)
    const { incoming } = options
    this.#socket = incoming?.socket ?? dial(options.address, (bytes) => this.#read(bytes))
    this.#sendQueue = new SendQueue(this.#socket, () => this.#tellWritable())
    if (incoming === undefined) this.#socket.once('connect', () => this.#greet())
    else process.nextTick(() => this.#take(incoming))
    this.#socket.on('error', (cause) => {
      const code = this.#phase === 'connecting' ? 'CONNECT_FAILED' : 'CLOSED'
      this.close(new PeerError(code, cause.message, { cause }))
    })
    this.#socket.on('close', () => this.close(new PeerError('CLOSED', 'the peer closed the connection')))
    this.#messages.on('data', (messages: Message[]) => this.#hearAll(messages))
    this.#messages.on('error', (error) => this.close(error))
  }

  get #line(): EncryptedLine {
    return { socket: this.#socket, sendQueue: this.#sendQueue }
  }

  get isIncoming(): boolean {
    return this.#options.incoming !== undefined
  }

  /** It took an encrypted handshake of ours, or encrypts all that it says. */
  get isEncrypted(): boolean {
    return this.#encryption !== undefined
  }

  get phase(): SessionPhase {
    return this.#phase
  }

  /** The session has ended between connection and handshake: in another manner the peer may let us in. */
  get wasTurnedAway(): boolean {
    return this.#wasTurnedAway
  }

  /** When the last bytes came in, in clock milliseconds. */
  get heardMs(): number {
    return this.#heardMs
  }

  /** Queues an encoded message. A peer that has not read for too long is closed instead. */
  send(bytes: Buffer): void {
    if (this.#phase === 'closed') return
    this.#saidMs = this.#options.clock.now()
    if (!this.#sendQueue.push(bytes)) this.close(new PeerError('USELESS', 'the peer does not read'))
  }

  /** The socket takes blocks at once. */
  get hasRoom(): boolean {
    return this.#phase === 'open' && this.#sendQueue.hasRoom
  }

  /** So much payload is to go out at once. */
  get mostBlockBytes(): number {
    return this.#sendQueue.isEncrypting ? LIMITS.encryptedWriteBytes : Number.POSITIVE_INFINITY
  }

  /** Sends encoded blocks; only when there is room. `onSent` comes in any case: the bytes may change then. */
  sendBlocks(bytes: Uint8Array, onSent: () => void): void {
    this.#saidMs = this.#options.clock.now()
    this.#chatter.earn(bytes.length / BLOCK_BYTES_PER_MESSAGE)
    this.#sendQueue.sendNow(bytes, onSent)
  }

  /** The message that was heard just now was of use: it costs the peer nothing. */
  excuse(): void {
    this.#chatter.earn(1)
  }

  /** Tells the peer whether it has something for us, when that changed. */
  setInterest(isInterested: boolean): void {
    if (this.amInterested === isInterested) return
    this.amInterested = isInterested
    this.send(isInterested ? INTERESTED : NOT_INTERESTED)
  }

  /** The periodic pass: time-outs and keep-alives. */
  tick(nowMs: number): void {
    if (this.#phase === 'closed') return
    const silentMs = nowMs - (this.#phase === 'open' ? this.#heardMs : this.#begunMs)
    if (silentMs > PATIENCE_MS[this.#phase]) this.close(timeOut(this.#phase, silentMs))
    else if (this.#phase === 'open' && nowMs - this.#saidMs > LIMITS.keepAliveMs) this.send(KEEP_ALIVE)
  }

  /** Ends the session. The first reason counts. */
  close(reason: Error): void {
    if (this.#phase === 'closed') return
    this.#wasTurnedAway = this.#phase === 'handshaking' && !this.isIncoming
    this.#phase = 'closed'
    this.#socket.destroy()
    this.#messages.destroy()
    this.#options.owner.closed(this, reason)
  }

  #greet(): void {
    if (this.#phase !== 'connecting') return
    this.#phase = 'handshaking'
    this.#begunMs = this.#options.clock.now()
    const { infoHash, peerId, isInDht, payloadCiphers: ciphers } = this.#options
    const handshake = encodeHandshake(infoHash, peerId, isInDht)
    if (ciphers === undefined || this.isIncoming) return this.send(handshake)
    this.#encryption = SessionEncryption.initiate(this.#line, {
      infoHash,
      ciphers,
      initialPayload: handshake,
    })
  }

  /** An incoming connection: what was read before, then the rest. */
  #take({ socket, bytes, ciphers }: NonNullable<PeerSessionOptions['incoming']>): void {
    if (ciphers !== undefined) this.#encryption = SessionEncryption.established(this.#line, ciphers)
    this.#greet()
    socket.on('data', (more) => {
      if (!this.#read(more)) socket.pause()
    })
    this.#heardMs = this.#options.clock.now()
    if (this.#decode(bytes)) socket.resume()
  }

  /** False pauses the socket; the stream's `drain` resumes it. */
  #read(bytes: Buffer): boolean {
    if (this.#phase === 'closed') return false
    this.#heardMs = this.#options.clock.now()
    return this.#encryption === undefined ? this.#decode(bytes) : this.#decrypt(this.#encryption, bytes)
  }

  #decrypt(encryption: SessionEncryption, bytes: Buffer): boolean {
    try {
      return this.#decode(encryption.decrypt(bytes))
    } catch (error) {
      this.close(error as Error)
      return false
    }
  }

  #decode(bytes: Buffer): boolean {
    const hasRoom = this.#messages.write(bytes)
    if (!hasRoom) this.#messages.once('drain', () => this.#socket.resume())
    return hasRoom
  }

  #tellWritable(): void {
    try {
      this.#options.owner.writable(this)
    } catch (error) {
      this.close(error as Error)
    }
  }

  /** What throws here ends in the stream's `error`, and so in `close`. */
  #hearAll(messages: readonly Message[]): void {
    for (const message of messages) this.#hear(message)
    if (this.#isOpen()) this.#options.owner.readDone(this)
  }

  #hear(message: Message): void {
    if (this.#phase === 'closed') return
    if (message.type === 'handshake') {
      this.#phase = 'open'
      this.#options.owner.handshaken(this, message)
      return
    }
    this.#charge(message)
    if (message.type === 'choke' || message.type === 'unchoke') this.peerChoking = message.type === 'choke'
    else if (message.type === 'interested') this.peerInterested = true
    else if (message.type === 'notInterested') this.peerInterested = false
    this.#options.owner.message(this, message)
  }

  #charge(message: Exclude<Message, Handshake>): void {
    if (message.type === 'block') this.#chatter.earn(message.bytes.length / BLOCK_BYTES_PER_MESSAGE)
    else if (!this.#chatter.spend(chatterCost(message), this.#heardMs)) {
      throw new PeerError('FLOODING', 'messages without end')
    }
  }

  /** Not a comparison in place: the handlers called before it may have closed the session. */
  #isOpen(): boolean {
    return this.#phase === 'open'
  }
}

/** Room for a request, a cancel and a have even when the blocks are small. */
const BLOCK_BYTES_PER_MESSAGE = 1024

/** In small messages: what takes longer to hear counts for more. */
function chatterCost(message: Exclude<Message, Handshake>): number {
  if (message.type === 'extended') return 16 + message.payload.length / 1024
  if (message.type === 'bitfield') return 16 + message.bytes.length / 1024
  return message.type === 'haveAll' ? 16 : 1
}

function timeOut(phase: 'connecting' | 'handshaking' | 'open', silentMs: number): PeerError {
  const seconds = Math.round(silentMs / 1000)
  if (phase === 'connecting') return new PeerError('CONNECT_TIMEOUT', `no answer in ${seconds} s`)
  if (phase === 'handshaking') return new PeerError('HANDSHAKE_TIMEOUT', `no handshake in ${seconds} s`)
  return new PeerError('IDLE', `silent for ${seconds} s`)
}
