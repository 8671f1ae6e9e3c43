/**
 * A stream between two processes of a tracker, for messages that are many and small: what was written in one
 * turn of the event loop crosses in one piece.
 *
 *   piece    length of the rest (4)  message...
 *   message  length of the body (4)  kind (1)  to (1)  from (1)  code (1)  number (4)  body
 *
 * The other side is our own program, and is believed.
 */
import type { Duplex } from 'node:stream'
import { readWord, writeWord } from '../network-words.js'

export interface MessageHead {
  readonly kind: number
  /** Shards. */
  readonly to: number
  readonly from: number
  /** What they mean is up to the kind. */
  readonly code: number
  readonly number: number
}

export interface ShardMessage extends MessageHead {
  /** A view of what was received. */
  readonly body: Buffer
}

const LENGTH_BYTES = 4
const HEAD_BYTES = 12
/** About three hundred announces, or twenty times what one turn of the loop brings from a socket. */
const PIECE_BYTES = 48 * 1024

export class ShardLink {
  readonly #stream: Duplex
  readonly #receive: (message: ShardMessage) => void
  #piece = Buffer.allocUnsafe(PIECE_BYTES)
  #used = LENGTH_BYTES
  #isDue = false
  /** Of the piece that is coming in; 0 when not even that is known. */
  #incomingBytes = 0

  constructor(stream: Duplex, receive: (message: ShardMessage) => void) {
    this.#stream = stream
    this.#receive = receive
    stream.on('readable', () => this.#read())
    // Whoever owns the process at the other end hears of its end.
    stream.on('error', () => {})
  }

  /** What the system has not taken yet. */
  get waitingBytes(): number {
    return this.#stream.writableLength + this.#used
  }

  /** Returns where in `piece` the body is to be written, all of it before anything else is sent. */
  begin(head: MessageHead, bodyBytes: number): number {
    const bytes = HEAD_BYTES + bodyBytes
    if (this.#used + bytes > this.#piece.length) this.#makeRoom(bytes)
    if (!this.#isDue) setImmediate(() => this.#flush())
    this.#isDue = true
    const at = this.#used
    this.#used += bytes
    const piece = this.#piece
    writeWord(piece, at, bodyBytes)
    piece[at + 4] = head.kind
    piece[at + 5] = head.to
    piece[at + 6] = head.from
    piece[at + 7] = head.code
    writeWord(piece, at + 8, head.number)
    return at + HEAD_BYTES
  }

  get piece(): Buffer {
    return this.#piece
  }

  send(head: MessageHead, body: Uint8Array): void {
    const at = this.begin(head, body.length)
    this.#piece.set(body, at)
  }

  close(): void {
    this.#stream.destroy()
  }

  #makeRoom(bytes: number): void {
    if (this.#used > LENGTH_BYTES) this.#write()
    if (LENGTH_BYTES + bytes > PIECE_BYTES) this.#piece = Buffer.allocUnsafe(LENGTH_BYTES + bytes)
  }

  #flush(): void {
    this.#isDue = false
    if (this.#used > LENGTH_BYTES) this.#write()
  }

  #write(): void {
    writeWord(this.#piece, 0, this.#used - LENGTH_BYTES)
    if (!this.#stream.destroyed) this.#stream.write(this.#piece.subarray(0, this.#used))
    this.#piece = Buffer.allocUnsafe(PIECE_BYTES)
    this.#used = LENGTH_BYTES
  }

  #read(): void {
    for (;;) {
      if (this.#incomingBytes === 0) {
        const length = this.#stream.read(LENGTH_BYTES) as Buffer | null
        if (length?.length !== LENGTH_BYTES) return
        this.#incomingBytes = readWord(length, 0)
      }
      const piece = this.#stream.read(this.#incomingBytes) as Buffer | null
      // At the end of a stream there may be less.
      if (piece?.length !== this.#incomingBytes) return
      this.#incomingBytes = 0
      this.#deliver(piece)
    }
  }

  #deliver(piece: Buffer): void {
    for (let at = 0; at < piece.length; ) {
      const bodyAt = at + HEAD_BYTES
      const end = bodyAt + readWord(piece, at)
      this.#receive({
        kind: piece[at + 4]!,
        to: piece[at + 5]!,
        from: piece[at + 6]!,
        code: piece[at + 7]!,
        number: readWord(piece, at + 8),
        body: piece.subarray(bodyAt, end),
      })
      at = end
    }
  }
}
