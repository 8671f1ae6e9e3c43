/**
 * What waits to be sent to one peer. Everything that is queued in one turn of the event loop leaves in one
 * system call; while the socket is full, messages wait here, and a peer that lets too many pile up is one
 * that does not read.
 */
import type { Socket } from 'node:net'
import FastFifo from 'fast-fifo'

const MOST_QUEUED_BYTES = 1024 * 1024

export class SendQueue {
  readonly #socket: Socket
  readonly #waiting = new FastFifo<Buffer>()
  #waitingBytes = 0
  #isScheduled = false

  constructor(socket: Socket) {
    this.#socket = socket
    socket.on('drain', () => this.#flush())
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

  #flush(): void {
    this.#isScheduled = false
    if (this.#socket.destroyed || this.#socket.writableNeedDrain) return
    this.#socket.cork()
    let hasRoom = true
    while (hasRoom && !this.#waiting.isEmpty()) {
      const bytes = this.#waiting.shift()!
      this.#waitingBytes -= bytes.length
      hasRoom = this.#socket.write(bytes)
    }
    this.#socket.uncork()
  }
}
