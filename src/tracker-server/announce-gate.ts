/**
 * Answers plain announces and scrapes straight from the socket, which is twice as fast as through Node's
 * HTTP server. The first request on a connection that is not plain moves the connection, with all that was
 * not answered, to that server for good.
 *
 * A connection holds no more than one read and a few answers: who does not read its answers is not read from.
 */
import type { Socket } from 'node:net'
import { type Eventual, joined, mapped } from './eventual.js'
import type { HttpTracker } from './http-tracker.js'
import { readPlainRequest } from './plain-request.js'

/** Answers before the client has to take them: a read may hold hundreds of requests, and an answer is ten times as long. */
const MOST_AT_ONCE = 16

const OK = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n'

export interface GateParts {
  readonly desk: HttpTracker
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
    const visit: Visit = {
      socket,
      client: socket.remoteAddress ?? '',
      listeners: new Map(),
      isWaiting: false,
    }
    const listeners = {
      data: (bytes: Buffer) => this.#serve(visit, bytes),
      drain: () => visit.isWaiting || socket.resume(),
      end: () => socket.end(),
      timeout: () => socket.destroy(),
      error: () => socket.destroy(),
      close: () => this.#sockets.delete(socket),
    }
    this.#sockets.add(socket)
    socket.setTimeout(this.#parts.idleMs)
    for (const [event, listener] of Object.entries(listeners)) {
      visit.listeners.set(event, listener)
      socket.on(event, listener)
    }
  }

  closeAll(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  #serve(visit: Visit, bytes: Buffer): void {
    if (visit.socket.writableEnded) return
    const plain = this.#answerPlain(bytes, visit.client)
    const { answers } = plain
    if (typeof answers === 'string') return this.#finish(visit, answers, plain)
    visit.isWaiting = true
    visit.socket.pause()
    void answers.then((text) => {
      visit.isWaiting = false
      visit.socket.resume()
      this.#finish(visit, text, plain)
    })
  }

  /** Up to the first request that is not plain, to the last of the connection, or as many as are answered at once. */
  #answerPlain(bytes: Buffer, client: string): PlainAnswers {
    const text = bytes.toString('latin1')
    let answers: Eventual<string> = ''
    let at = 0
    for (let count = 0; at < text.length; count++) {
      if (count === MOST_AT_ONCE) return { answers, isLast: false, later: bytes.subarray(at) }
      const request = readPlainRequest(text, at)
      if (request === undefined) return { answers, isLast: false, rest: bytes.subarray(at) }
      answers = joined(answers, this.#answer(request.target, client, request.isLast))
      at = request.end
      if (request.isLast) return { answers, isLast: true }
    }
    return { answers, isLast: false }
  }

  #answer(target: string, client: string, isLast: boolean): Eventual<string> {
    const { desk } = this.#parts
    const from = target.indexOf('?') + 1
    const body = target.startsWith('/announce')
      ? desk.announce(target, from, client)
      : desk.scrape(target, from)
    const closing = isLast ? 'Connection: close\r\n' : ''
    return mapped(body, (text) => `${OK}${closing}Content-Length: ${text.length}\r\n\r\n${text}`)
  }

  #finish(visit: Visit, answers: string, { isLast, rest, later }: PlainAnswers): void {
    const { socket } = visit
    if (isLast) socket.end(answers, 'latin1')
    else if (answers !== '' && !socket.write(answers, 'latin1')) socket.pause()
    if (socket.destroyed) return
    if (later !== undefined) socket.unshift(later)
    if (rest !== undefined) this.#moveOn(visit, rest)
  }

  #moveOn({ socket, listeners }: Visit, rest: Buffer): void {
    for (const [event, listener] of listeners) socket.off(event, listener)
    this.#sockets.delete(socket)
    socket.setTimeout(0)
    socket.pause()
    socket.unshift(rest)
    this.#parts.moveOn(socket)
    socket.resume()
  }
}

/** A connection at the gate. */
interface Visit {
  readonly socket: Socket
  readonly client: string
  readonly listeners: Map<string, (bytes: Buffer) => void>
  /** For an answer of another worker: nothing is read meanwhile. */
  isWaiting: boolean
}

interface PlainAnswers {
  readonly answers: Eventual<string>
  /** The client wants the connection to end after them. */
  readonly isLast: boolean
  /** Is not plain, and for Node's own server. */
  readonly rest?: Buffer
  /** Comes when these answers have been taken. */
  readonly later?: Buffer
}
