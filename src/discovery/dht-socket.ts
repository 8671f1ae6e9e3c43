/**
 * The UDP socket of our DHT node. It stands in for the package's own, so that everything which comes from
 * outside passes here first: packets are validated before the package sees them, answers count only from the
 * address that was asked and with the transaction id of an open question, addresses are heard only of those
 * who may tell of them, and what is asked of us and by us is bounded. Whatever the package throws over a packet
 * ends here: that packet is lost, as packets are.
 *
 * IPv4 only, as the package is. Keeps no process alive.
 */
import { randomInt } from 'node:crypto'
import type { Socket } from 'node:dgram'
import { EventEmitter } from 'node:events'
import { isIPv4 } from 'node:net'
import { LIMITS } from '../config.js'
import type { Bencodable } from '../core/bencode/bencode-value.js'
import type { Clock } from '../core/clock.js'
import type { PeerAddress } from '../core/peer-address.js'
import {
  type DhtAnswer,
  type DhtQuestion,
  type DhtRefusal,
  decodeDhtMessage,
  encodeDhtAnswer,
  encodeDhtQuestion,
  encodeDhtRefusal,
} from '../wire/dht-messages.js'
import { AskerBudget } from './asker-budget.js'
import { plausibleNodes, plausiblePeers } from './dht-hearsay.js'
import { QuestionBudget } from './question-budget.js'

/** Somebody to ask. The id is that which he is expected to have. */
export interface DhtContact extends PeerAddress {
  readonly id?: Buffer
}

/** As the package names its parts; one object for all packets of one look-up. */
export interface Question {
  readonly q: string
  readonly a?: { readonly [name: string]: Bencodable | undefined }
}

/** An answer as the package reads it. */
interface PackageAnswer {
  readonly r: {
    readonly id: Buffer
    readonly nodes: Buffer
    readonly values?: readonly Buffer[]
    readonly token?: Buffer
  }
}

type Asked = { readonly t: Buffer }
type Done = (error: Error | null, answer: PackageAnswer | null, from: DhtContact) => void

export interface DhtSocketOptions {
  readonly clock: Clock
  /** It asks and is not asked (BEP 43). */
  readonly isReadOnly: boolean
  /** Somebody who can be asked in turn has asked us. */
  readonly onAsker: (asker: PeerAddress) => void
  /** Whether the package may take this node, which has answered, into its table. */
  readonly isWelcome: (node: PeerAddress) => boolean
}

interface OpenQuestion {
  readonly to: DhtContact
  readonly done: Done
  readonly timer: NodeJS.Timeout
}

export class DhtSocket extends EventEmitter {
  readonly #socket: Socket
  readonly #options: DhtSocketOptions
  /** By transaction id. */
  readonly #open = new Map<number, OpenQuestion>()
  readonly #questions = new QuestionBudget()
  readonly #askers: AskerBudget
  readonly #address: { readonly address: string; readonly port: number }
  #isClosed = false

  /** The socket is bound, and ours from here on. */
  constructor(socket: Socket, options: DhtSocketOptions) {
    super()
    this.#socket = socket
    this.#options = options
    this.#askers = new AskerBudget(options.clock.now())
    this.#address = socket.address()
    socket.on('message', (packet, from) => this.#receive(packet, { host: from.address, port: from.port }))
    socket.on('error', () => {}) // of one packet: the next may do
    socket.unref()
  }

  // What the package asks of it.

  /** Questions that have not been answered. */
  get inflight(): number {
    return this.#open.size
  }

  address(): { readonly address: string; readonly port: number } {
    return this.#address
  }

  /** It is bound from the beginning. */
  bind(): void {
    this.emit('listening')
  }

  /** `done` comes in any case, and never before this returns. */
  query(to: DhtContact, question: Question, done: Done = () => {}): void {
    if (this.#isClosed || !isIPv4(to.host) || !this.#questions.take(question, to.host)) {
      return process.nextTick(() => this.#guard(() => done(new Error('not asked'), null, to)))
    }
    const transaction = this.#unusedTransaction()
    const fail = (error: Error) => this.#settle(transaction, error, null)
    const timer = setTimeout(() => fail(TIMED_OUT), LIMITS.dhtAnswerMs).unref()
    this.#open.set(transaction, { to, done, timer })
    const bytes = Buffer.allocUnsafe(2)
    bytes.writeUInt16BE(transaction)
    this.#send(to, encodeDhtQuestion(bytes, { a: {}, ...question }, this.#options.isReadOnly), fail)
  }

  /** Answers a question, without what its asker is not to be told. */
  response(to: PeerAddress, asked: Asked, answer: { readonly [name: string]: Bencodable | undefined }): void {
    const nodes = answer.nodes as Buffer | undefined
    const values = answer.values as readonly Buffer[] | undefined
    const told = {
      ...answer,
      nodes: nodes && plausibleNodes(nodes, to.host, LIMITS.dhtNodesPerAnswer),
      values: values && plausiblePeers(values, to.host, LIMITS.dhtPeersPerAnswer),
    }
    this.#send(to, encodeDhtAnswer(asked.t, told))
  }

  error(to: PeerAddress, asked: Asked, error: readonly (number | string)[]): void {
    this.#send(to, encodeDhtRefusal(asked.t, error))
  }

  /** Fails what is open. `done` comes when the socket is closed. */
  destroy(done: () => void): void {
    this.#isClosed = true
    for (const transaction of [...this.#open.keys()]) this.#settle(transaction, new Error('closed'), null)
    this.#socket.close(done)
  }

  // What comes in.

  #receive(packet: Buffer, from: PeerAddress): void {
    if (this.#isClosed || packet.length > LIMITS.dhtPacketBytes || from.port === 0) return
    // Who was asked nothing can only ask, and is held to his budget before any work is done for him.
    const isAsked = this.#isAsked(from)
    if (!isAsked && !this.#mayAsk(from)) return
    const message = decodeDhtMessage(packet)
    if (message === undefined) return
    if (message.type !== 'question') this.#hear(message, from)
    else if (!isAsked || this.#mayAsk(from)) this.#answer(message, from)
  }

  #isAsked({ host, port }: PeerAddress): boolean {
    for (const { to } of this.#open.values()) if (to.host === host && to.port === port) return true
    return false
  }

  #mayAsk({ host }: PeerAddress): boolean {
    return !this.#options.isReadOnly && this.#askers.admit(host, this.#options.clock.now())
  }

  /** The package would take whoever asks into its table; who it is shows only when he answers. */
  #answer(question: DhtQuestion, from: PeerAddress): void {
    const { transaction: t, method: q, args: a } = question
    this.#guard(() => this.emit('query', { t, q, a }, { address: from.host, ...from }))
    if (!question.isReadOnly) this.#options.onAsker(from)
  }

  #hear(message: DhtAnswer | DhtRefusal, from: PeerAddress): void {
    if (message.transaction.length !== 2) return
    const transaction = message.transaction.readUInt16BE()
    const open = this.#open.get(transaction)
    if (open?.to.host !== from.host || open.to.port !== from.port) return
    if (message.type === 'refusal') return this.#settle(transaction, refused(message.code), null)
    if (open.to.id?.equals(message.id) === false) return this.#settle(transaction, UNEXPECTED, null)
    const answer = asPackageReads(message, from)
    this.#settle(transaction, null, answer)
    const node = { address: from.host, ...from }
    if (this.#options.isWelcome(from)) this.#guard(() => this.emit('response', answer, node))
  }

  #settle(transaction: number, error: Error | null, answer: PackageAnswer | null): void {
    const open = this.#open.get(transaction)
    if (open === undefined) return
    this.#open.delete(transaction)
    clearTimeout(open.timer)
    this.#guard(() => open.done(error, answer, open.to))
    this.#guard(() => this.emit('update'))
    this.#guard(() => this.emit('postupdate'))
  }

  #guard(run: () => void): void {
    try {
      run()
    } catch (error) {
      this.emit('warning', error)
    }
  }

  #unusedTransaction(): number {
    for (;;) {
      const transaction = randomInt(2 ** 16)
      if (!this.#open.has(transaction)) return transaction
    }
  }

  #send(to: PeerAddress, packet: Buffer, fail: (error: Error) => void = () => {}): void {
    if (this.#isClosed) return
    this.#socket.send(packet, to.port, to.host, (error) => {
      if (error !== null) fail(error)
    })
  }
}

function asPackageReads({ id, nodes, values, token }: DhtAnswer, { host }: PeerAddress): PackageAnswer {
  const peers = plausiblePeers(values, host, LIMITS.dhtPeersPerAnswer)
  return {
    r: {
      id,
      nodes: plausibleNodes(nodes, host, LIMITS.dhtNodesPerAnswer),
      ...(peers.length === 0 ? {} : { values: peers }),
      ...(token === undefined ? {} : { token }),
    },
  }
}

/** The package forgets nodes for these two codes. */
const TIMED_OUT = Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' })
const UNEXPECTED = Object.assign(new Error('another node answers'), { code: 'EUNEXPECTEDNODE' })

function refused(code: number): Error {
  return Object.assign(new Error(`refused with ${code}`), { code })
}
