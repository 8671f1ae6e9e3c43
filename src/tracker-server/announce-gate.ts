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

/**
 * Answers before the client has to take them: a read may hold hundreds of requests, and an answer is ten
 * times as long.
 */
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
      end: () => visit.isWaiting || socket.end(),
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
    const { socket } = visit
    if (socket.writableEnded) return
    const plain = this.#answerPlain(bytes, visit.client)
    const { answers, unread } = plain
    if (unread === undefined && typeof answers === 'string') return this.#finish(visit, answers, plain)
    socket.pause()
    if (unread !== undefined) socket.unshift(unread)
    if (typeof answers === 'string') return this.#goOn(visit, answers, plain)
    visit.isWaiting = true
    void answers.then((text) => this.#goOn(visit, text, plain))
  }

  /** Nothing was read meanwhile, but the client may have said that nothing more will come. */
  #goOn(visit: Visit, answers: string, outcome: Outcome): void {
    const { socket } = visit
    visit.isWaiting = false
    socket.resume()
    this.#finish(visit, answers, outcome)
    if (socket.readableEnded) socket.end()
  }

  /** Up to the first request that is not plain, to the last of the connection, or as many as are answered at once. */
  #answerPlain(bytes: Buffer, client: string): PlainAnswers {
    const text = bytes.toString('latin1')
    let answers: Eventual<string> = ''
    let at = 0
    for (let count = 0; at < text.length; count++) {
      if (count === MOST_AT_ONCE) return { answers, unread: bytes.subarray(at) }
      const request = readPlainRequest(text, at)
      if (request === undefined) return { answers, unread: bytes.subarray(at), movesOn: true }
      answers = joined(answers, this.#answer(request.target, client, request.isLast))
      at = request.end
      if (request.isLast) return { answers, isLast: true }
    }
    return { answers }
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

  #finish(visit: Visit, answers: string, { isLast = false, movesOn = false }: Outcome): void {
    const { socket } = visit
    if (isLast) socket.end(answers, 'latin1')
    else if (answers !== '' && !socket.write(answers, 'latin1')) socket.pause()
    if (movesOn && !socket.destroyed) this.#moveOn(visit)
  }

  #moveOn({ socket, listeners }: Visit): void {
    for (const [event, listener] of listeners) socket.off(event, listener)
    this.#sockets.delete(socket)
    socket.setTimeout(0)
    socket.pause()
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

interface Outcome {
  /** The client wants the connection to end after the answers. */
  readonly isLast?: boolean
  /** What is unread is not plain. */
  readonly movesOn?: boolean
}

interface PlainAnswers extends Outcome {
  readonly answers: Eventual<string>
  /** What comes after the requests that are answered. */
  readonly unread?: Buffer
}
