/**
 * The post between the processes of a tracker: datagrams that another shard is to answer, and calls, which have an
 * answer. Every process has a link to the first one, which passes on what is for others.
 *
 * Never fails the sender of a datagram: it is dropped when there is no room, as UDP allows. A call is rejected when it
 * cannot be sent, or is not answered in time.
 */
import type { Duplex } from 'node:stream'
import type { DatagramSource } from '../datagram-desk.js'
import type { Eventual } from '../eventual.js'
import type { DatagramSender } from '../udp-front.js'
import { PendingCalls } from './pending-calls.js'
import { type MessageHead, ShardLink, type ShardMessage } from './shard-link.js'
import { VERBS, type Verb } from './verbs.js'

export interface PostOffice {
  /** For a UDP front of this process. */
  datagram(front: number, packet: Buffer, sender: DatagramSender): void
  /** Throws or rejects when it cannot be done; only the message gets to the caller. */
  serve(verb: Verb, body: Buffer): Eventual<Uint8Array>
}

const DATAGRAM = 0
const CALL = 1
const ANSWER = 2
const FAILURE = 3

/** A tenth of a second's worth at full load: later than that an answer helps nobody. */
const MAX_WAITING_FOR_DATAGRAMS_BYTES = 2 * 1024 * 1024
/** A .torrent, and calls for as many connections as there may be. */
const MAX_WAITING_FOR_CALLS_BYTES = 64 * 1024 * 1024
/** The first process passes on what is for others. */
const FIRST = 0

export class ShardPost {
  readonly #own: number
  readonly #office: PostOffice
  /** By shard. All but the first process know only the one to it. */
  readonly #links = new Map<number, ShardLink>()
  readonly #calls = new PendingCalls()

  constructor(own: number, office: PostOffice) {
    this.#own = own
    this.#office = office
  }

  attach(shard: number, stream: Duplex): void {
    const link = new ShardLink(stream, (message) => this.#receive(message))
    this.#links.set(shard, link)
  }

  /** The process is gone: what was asked of it is not answered any more. */
  detach(shard: number): void {
    this.#links.get(shard)?.close()
    this.#links.delete(shard)
    this.#calls.rejectOf(shard)
  }

  /** Rejects when the other process does not answer, or what it says went wrong. */
  async call(to: number, verb: Verb, body: Uint8Array = NOTHING): Promise<Buffer> {
    const link = this.#roomyLink(to, MAX_WAITING_FOR_CALLS_BYTES)
    if (link === undefined) throw new Error(UNREACHABLE)
    return await this.#calls.begin(to, (number) => {
      link.send({ kind: CALL, to, from: this.#own, code: VERBS.indexOf(verb), number }, body)
    })
  }

  passDatagram(to: number, front: number, packet: Buffer, { host, port }: DatagramSource): void {
    const link = this.#roomyLink(to, MAX_WAITING_FOR_DATAGRAMS_BYTES)
    if (link === undefined) return
    const head = { kind: DATAGRAM, to, from: this.#own, code: front, number: port }
    const at = link.begin(head, 1 + host.length + packet.length)
    const { piece } = link
    piece[at] = host.length
    piece.write(host, at + 1, 'latin1')
    piece.set(packet, at + 1 + host.length)
  }

  /** Once a second. Gives up on calls that were not answered in time. */
  tick(): void {
    this.#calls.tick()
  }

  close(): void {
    for (const shard of [...this.#links.keys()]) this.detach(shard)
  }

  #roomyLink(to: number, mostWaitingBytes: number): ShardLink | undefined {
    const link = this.#links.get(to) ?? this.#links.get(FIRST)
    return link !== undefined && link.waitingBytes < mostWaitingBytes ? link : undefined
  }

  #receive(message: ShardMessage): void {
    if (message.to !== this.#own) return this.#passOn(message)
    switch (message.kind) {
      case DATAGRAM:
        return this.#deliver(message)
      case CALL:
        return this.#serve(message)
      case ANSWER:
        return this.#calls.answer(message.number, message.body)
      default:
        this.#calls.reject(message.number, message.body.toString())
    }
  }

  #passOn(message: ShardMessage): void {
    const most = message.kind === DATAGRAM ? MAX_WAITING_FOR_DATAGRAMS_BYTES : MAX_WAITING_FOR_CALLS_BYTES
    const link = this.#roomyLink(message.to, most)
    if (link !== undefined) link.send(message, message.body)
    else if (message.kind === CALL) this.#reply(message, FAILURE, Buffer.from(UNREACHABLE))
  }

  #deliver({ code, number, body }: ShardMessage): void {
    const packetAt = 1 + body[0]!
    const sender = { address: body.toString('latin1', 1, packetAt), port: number }
    this.#office.datagram(code, body.subarray(packetAt), sender)
  }

  #serve(message: ShardMessage): void {
    const fail = (error: unknown) => {
      this.#reply(message, FAILURE, Buffer.from(error instanceof Error ? error.message : String(error)))
    }
    try {
      const answer = this.#office.serve(VERBS[message.code]!, message.body)
      if (!(answer instanceof Promise)) return this.#reply(message, ANSWER, answer)
      answer.then((body) => this.#reply(message, ANSWER, body), fail)
    } catch (error) {
      fail(error)
    }
  }

  /** There is room for it as long as there is for calls: the caller waits for no more answers than it asked for. */
  #reply({ from, code, number }: MessageHead, kind: number, body: Uint8Array): void {
    const link = this.#links.get(from) ?? this.#links.get(FIRST)
    link?.send({ kind, to: from, from: this.#own, code, number }, body)
  }
}

const NOTHING = new Uint8Array(0)
const UNREACHABLE = 'a worker of the tracker is not there'
