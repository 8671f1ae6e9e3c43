/**
 * Bounds what those cost who ask for pages: how many are being made, and how many bytes wait for readers who are slow,
 * or ask for more than they read. A .torrent of the catalogue may have 10 MB, and asking for it a thousand times takes
 * 30 KB over one connection.
 */
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

export interface PageLimits {
  /** Reading a file takes milliseconds: more at once gain nothing. */
  readonly beingMade: number
  /** Of all pages that have been made and not been fetched. */
  readonly waitingBytes: number
  /** For fetching one: 10 MB over a slow line. */
  readonly fetchMs: number
}

const LIMITS: PageLimits = { beingMade: 16, waitingBytes: 64 * 1024 * 1024, fetchMs: 60_000 }

export class PageRoom {
  readonly #limits: PageLimits
  /** Each has one page under way, being made or waiting. */
  readonly #sockets = new Set<Socket>()
  #beingMade = 0
  #waitingBytes = 0

  constructor(limits = LIMITS) {
    this.#limits = limits
  }

  /** False when there is none; otherwise {@link made} follows. */
  enter(socket: Socket): boolean {
    const { beingMade, waitingBytes } = this.#limits
    const isFull = this.#beingMade >= beingMade || this.#waitingBytes >= waitingBytes
    if (isFull || this.#sockets.has(socket)) return false
    this.#sockets.add(socket)
    this.#beingMade++
    return true
  }

  /** A page of so many bytes waits from now on until it has been fetched, or its connection ends. */
  made(bytes: number, response: ServerResponse): void {
    const { socket } = response.req
    this.#beingMade--
    this.#waitingBytes += bytes
    const leave = () => {
      clearTimeout(timer)
      response.off('close', leave)
      socket.off('close', leave)
      this.#sockets.delete(socket)
      this.#waitingBytes -= bytes
    }
    const timer = setTimeout(() => socket.destroy(), this.#limits.fetchMs)
    // A response that waits for another's turn does not hear of the end of its connection.
    response.on('close', leave)
    socket.on('close', leave)
    if (socket.destroyed) leave()
  }
}
