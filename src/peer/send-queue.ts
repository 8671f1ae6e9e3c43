/**
 * What waits to be sent to one peer. Everything that is queued in one turn of the event loop leaves in one
 * system call; while the socket is full, messages wait here, and a peer that lets too many pile up is one
 * that does not read.
 */
import type { Socket } from 'node:net'
import FastFifo from 'fast-fifo'
import type { Rc4 } from '../wire/rc4.js'

const MOST_QUEUED_BYTES = 1024 * 1024

export class SendQueue {
  readonly #socket: Socket
  readonly #waiting = new FastFifo<Buffer>()
  #waitingBytes = 0
  #isScheduled = false
  #cipher: Rc4 | undefined

  /** `onRoom` is called when a full socket takes bytes again. */
  constructor(socket: Socket, onRoom: () => void) {
    this.#socket = socket
    socket.on('drain', () => {
      this.#flush()
      if (this.hasRoom) onRoom()
    })
  }

  /** Everything that leaves from here on is encrypted. */
  encryptWith(cipher: Rc4): void {
    this.#cipher = cipher
  }

  get isEncrypting(): boolean {
    return this.#cipher !== undefined
  }

  /** The socket takes bytes at once. */
  get hasRoom(): boolean {
    return !this.#socket.destroyed && !this.#socket.writableNeedDrain
  }

  /** Sends bytes after all that wait, when there is room; they must not change until `onSent` is called. */
  sendNow(bytes: Uint8Array, onSent: () => void): void {
    this.#flush(true)
    if (this.#cipher === undefined) return void this.#socket.write(bytes, onSent)
    this.#socket.write(encrypted(bytes, this.#cipher))
    onSent()
  }

  /** False, and nothing queued, when the peer has not read for too long. */
  push(bytes: Buffer): boolean {
    if (this.#waitingBytes + bytes.length > MOST_QUEUED_BYTES) return false
    this.#waiting.push(bytes)
    this.#waitingBytes += bytes.length
    if (!this.#isScheduled) process.nextTick(() => this.#flush())
    this.#isScheduled = true
    return true
  }

  /** With `isAll` nothing stays behind, though the socket gets more than it asks for. */
  #flush(isAll = false): void {
    this.#isScheduled = false
    if (!this.hasRoom || this.#waiting.isEmpty()) return
    this.#socket.cork()
    let hasRoom = true
    while ((hasRoom || isAll) && !this.#waiting.isEmpty()) {
      const bytes = this.#waiting.shift()!
      this.#waitingBytes -= bytes.length
      hasRoom = this.#socket.write(this.#cipher === undefined ? bytes : encrypted(bytes, this.#cipher))
    }
    this.#socket.uncork()
  }
}

/** A copy, since others may be sent the same bytes. It is made when the socket takes it, so none waits here. */
function encrypted(bytes: Uint8Array, cipher: Rc4): Buffer {
  const copy = Buffer.allocUnsafe(bytes.length)
  cipher.apply(bytes, copy)
  return copy
}
