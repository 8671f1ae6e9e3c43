/**
 * Answers plain announces and scrapes straight from the socket, which is twice as fast as through Node's
 * HTTP server. The first request on a connection that is not plain moves the connection, with all that was
 * not answered, to that server for good.
 *
 * A connection holds no more than one read and the answers to it: who does not read its answers is not read
 * from.
 */
import type { Socket } from 'node:net'
import type { HttpDesk } from './http-desk.js'
import { readPlainRequest } from './plain-request.js'

const OK = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n'

export interface GateParts {
  readonly desk: HttpDesk
  /** Takes a connection over; what it has sent so far is to be read again. */
  readonly moveOn: (socket: Socket) => void
  readonly idleMs: number
}

export class AnnounceGate {
  readonly #parts: GateParts
  readonly #sockets = new Set<Socket>()

  constructor(parts: GateParts) {
    this.#parts = parts
  }

  accept(socket: Socket): void {
    const client = socket.remoteAddress ?? ''
    const listeners = {
      data: (bytes: Buffer) => {
        const rest = this.#serve(socket, bytes, client)
        if (rest !== undefined) this.#moveOn(socket, rest, listeners)
      },
      drain: () => socket.resume(),
      end: () => socket.end(),
      timeout: () => socket.destroy(),
      error: () => socket.destroy(),
      close: () => this.#sockets.delete(socket),
    }
    this.#sockets.add(socket)
    socket.setTimeout(this.#parts.idleMs)
    for (const [event, listener] of Object.entries(listeners)) socket.on(event, listener)
  }

  closeAll(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  /** Answers what is plain. Returns the rest, from the first request that is not. */
  #serve(socket: Socket, bytes: Buffer, client: string): Buffer | undefined {
    if (socket.writableEnded) return undefined
    const text = bytes.toString('latin1')
    let [answers, at] = ['', 0]
    while (at < text.length) {
      const request = readPlainRequest(text, at)
      if (request === undefined) break
      answers += this.#answer(request.target, client, request.isLast)
      at = request.end
      if (!request.isLast) continue
      socket.end(answers, 'latin1')
      return undefined
    }
    if (answers !== '' && !socket.write(answers, 'latin1')) socket.pause()
    return at < text.length ? bytes.subarray(at) : undefined
  }

  #answer(target: string, client: string, isLast: boolean): string {
    const { desk } = this.#parts
    const from = target.indexOf('?') + 1
    const body = target.startsWith('/announce')
      ? desk.announce(target, from, client)
      : desk.scrape(target, from)
    const closing = isLast ? 'Connection: close\r\n' : ''
    return `${OK}${closing}Content-Length: ${body.length}\r\n\r\n${body}`
  }

  #moveOn(socket: Socket, rest: Buffer, listeners: Readonly<Record<string, (bytes: Buffer) => void>>): void {
    for (const [event, listener] of Object.entries(listeners)) socket.off(event, listener)
    this.#sockets.delete(socket)
    socket.setTimeout(0)
    socket.pause()
    socket.unshift(rest)
    this.#parts.moveOn(socket)
    socket.resume()
  }
}
