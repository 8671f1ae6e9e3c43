/**
 * Asks questions over UDP: one socket per address family, all torrents of a client together. Sockets are
 * opened by the first question to their family and keep no process alive.
 *
 * An answer counts only when it comes from the address that was asked and carries the transaction id of a
 * question that is open; ids are random, so that nobody who cannot see our packets can answer for a tracker.
 * Everything else that arrives is dropped unread.
 */
import { randomInt } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { TrackerError } from '../core/errors.js'
import { setTransaction, transactionOf, type UdpQuestion } from './udp-packets.js'

export interface UdpAddress {
  readonly host: string
  readonly port: number
  readonly family: 4 | 6
}

export interface UdpWait {
  readonly waitMs: number
  readonly signal: AbortSignal
}

/** Runs something once after a delay in milliseconds, unless the function it returns is called before. */
export type After = (delayMs: number, run: () => void) => () => void

export class UdpSockets {
  readonly #after: After
  readonly #sockets = new Map<4 | 6, Socket>()
  /** By transaction id. */
  readonly #open = new Map<number, OpenQuestion>()
  #isClosed = false

  constructor(after: After = afterDelay) {
    this.#after = after
  }

  /**
   * Sends one packet and resolves with its answer. Rejects with a TrackerError (`TIMEOUT` after the wait,
   * `UNREACHABLE`), or with the signal's reason.
   */
  ask(to: UdpAddress, question: UdpQuestion, { waitMs, signal }: UdpWait): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      if (this.#isClosed) return reject(unreachable('the sockets are closed'))
      const transaction = this.#unusedTransaction()
      const settle = () => {
        this.#open.delete(transaction)
        cancelWait()
        signal.removeEventListener('abort', onAbort)
      }
      const fail = (error: unknown) => {
        settle()
        reject(error)
      }
      const onAbort = () => fail(signal.reason)
      const cancelWait = this.#after(waitMs, () => fail(timedOut(waitMs)))
      signal.addEventListener('abort', onAbort)
      const answer = (packet: Buffer) => {
        settle()
        resolve(packet)
      }
      this.#open.set(transaction, { to, answer, fail })
      setTransaction(question, transaction)
      this.#send(to, question, fail)
    })
  }

  /** Fails what is under way and closes the sockets. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#failAll(unreachable('the sockets are closed'))
    const sockets = [...this.#sockets.values()]
    this.#sockets.clear()
    await Promise.all(sockets.map((socket) => new Promise<void>((resolve) => socket.close(resolve))))
  }

  #unusedTransaction(): number {
    for (;;) {
      const transaction = randomInt(2 ** 32)
      if (!this.#open.has(transaction)) return transaction
    }
  }

  #send(to: UdpAddress, question: UdpQuestion, fail: (error: unknown) => void): void {
    try {
      this.#socketFor(to.family).send(question, to.port, to.host, (error) => {
        if (error !== null) fail(unreachable(reasonOf(error), error))
      })
    } catch (error) {
      fail(unreachable(reasonOf(error), error))
    }
  }

  #socketFor(family: 4 | 6): Socket {
    const known = this.#sockets.get(family)
    if (known !== undefined) return known
    const socket = createSocket(family === 4 ? { type: 'udp4' } : { type: 'udp6', ipv6Only: true })
    this.#sockets.set(family, socket)
    socket.on('message', (packet, from) => this.#route(packet, from))
    socket.on('error', (error) => this.#discard(family, socket, error))
    socket.unref()
    return socket
  }

  #route(packet: Buffer, from: { readonly address: string; readonly port: number }): void {
    const open = this.#open.get(transactionOf(packet) ?? -1)
    if (open === undefined || open.to.port !== from.port) return
    if (withoutZone(open.to.host) === withoutZone(from.address)) open.answer(packet)
  }

  /** The next question opens a new one. */
  #discard(family: 4 | 6, socket: Socket, error: Error): void {
    if (this.#sockets.get(family) === socket) this.#sockets.delete(family)
    socket.close()
    this.#failAll(unreachable(reasonOf(error), error), family)
  }

  #failAll(error: TrackerError, family?: 4 | 6): void {
    for (const open of [...this.#open.values()]) {
      if (family === undefined || open.to.family === family) open.fail(error)
    }
  }
}

interface OpenQuestion {
  readonly to: UdpAddress
  answer(packet: Buffer): void
  fail(error: unknown): void
}

/** Link-local addresses come with the name of an interface behind a percent sign. */
function withoutZone(address: string): string {
  return address.split('%', 1)[0]!
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  return `cannot send (${code ?? message})`
}

function timedOut(waitMs: number): TrackerError {
  return new TrackerError('TIMEOUT', `no answer within ${waitMs / 1000} s`)
}

function unreachable(detail: string, cause?: unknown): TrackerError {
  return new TrackerError('UNREACHABLE', detail, { cause })
}

export function afterDelay(delayMs: number, run: () => void): () => void {
  const timer = setTimeout(run, delayMs)
  timer.unref()
  return () => clearTimeout(timer)
}
