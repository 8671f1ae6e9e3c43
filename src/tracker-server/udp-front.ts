/**
 * The sockets of the UDP tracker: datagrams go to the desk, and its answers back.
 *
 * It works in rounds: first the datagrams that came in together are collected, then all of them are answered,
 * then the answers leave. Each of the three stays in the processor's caches that way, and the system wakes
 * the receivers once a round and not once an answer; together that is worth a third of the throughput. When
 * the system takes no more answers, the next rounds are dropped, as UDP allows, until it has taken those that
 * it owes.
 */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { writeIp } from '../core/ip-bytes.js'
import type { DatagramDesk } from './datagram-desk.js'
import { UdpAnswer } from './udp-answer.js'

/** Datagrams in one round. Node reads no more than 32 before it lets others run. */
const MAX_ROUND = 64
/** Datagrams that wait for their round: more than a few come only when another worker was held up. */
const MAX_WAITING = 4_096
/** What the system may hold while JavaScript is busy; it may grant less. */
const SOCKET_BUFFER_BYTES = 4 * 1024 * 1024

/** As the system names it. */
export interface DatagramSender {
  readonly address: string
  readonly port: number
}

/** An answer on its way out. */
interface Outgoing {
  readonly answer: UdpAnswer
  /** As much of it as is to be sent. */
  view: Buffer
  host: string
  port: number
}

export class UdpFront {
  readonly #socket: Socket
  readonly #desk: DatagramDesk
  readonly #source = { address: new Uint8Array(16), addressBytes: 4 as 4 | 16, host: '', port: 0 }
  /** Those that wait, from `#first` on, round and round. */
  readonly #packets = new Array<Buffer>(MAX_WAITING)
  readonly #senders = new Array<DatagramSender>(MAX_WAITING)
  #first = 0
  #waitingCount = 0
  #serving: NodeJS.Immediate | undefined
  #isClosed = false
  readonly #serveRound = () => this.#serve()
  readonly #answers: readonly Outgoing[] = Array.from({ length: MAX_ROUND }, outgoing)

  /** On a socket that is bound. */
  constructor(desk: DatagramDesk, socket: Socket) {
    this.#socket = socket
    this.#desk = desk
    socket.on('message', (packet, sender) => this.take(packet, sender))
    // A datagram that could not be sent or received (an ICMP answer, say) concerns one client only.
    socket.on('error', () => {})
  }

  /** Rejects with the system's error when the address cannot be bound. */
  static async open(desk: DatagramDesk, host: string, port: number): Promise<UdpFront> {
    const type = host.includes(':') ? 'udp6' : 'udp4'
    const socket = createSocket({ type, ipv6Only: type === 'udp6', lookup: answerAtOnce })
    const listening = once(socket, 'listening')
    socket.bind(port, host)
    await listening
    enlargeBuffers(socket)
    return new UdpFront(desk, socket)
  }

  /** For other processes to share. */
  get socket(): Socket {
    return this.#socket
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearImmediate(this.#serving)
    await new Promise<void>((resolve) => this.#socket.close(() => resolve()))
  }

  /** A datagram, whoever received it. */
  take(packet: Buffer, sender: DatagramSender): void {
    if (this.#isClosed || this.#waitingCount === MAX_WAITING) return
    if (this.#waitingCount === 0) this.#serving = setImmediate(this.#serveRound)
    const place = (this.#first + this.#waitingCount++) % MAX_WAITING
    this.#packets[place] = packet
    this.#senders[place] = sender
  }

  /** An answer that was not ready in its round. */
  send(answer: Buffer, { address, port }: DatagramSender): void {
    if (!this.#isClosed && this.#socket.getSendQueueCount() === 0) this.#socket.send(answer, port, address)
  }

  #serve(): void {
    const size = Math.min(this.#waitingCount, MAX_ROUND)
    const first = this.#first
    this.#first = (first + size) % MAX_WAITING
    this.#waitingCount -= size
    if (this.#waitingCount > 0) this.#serving = setImmediate(this.#serveRound)
    // The buffers of the answers may be filled again when the system has taken all of the last ones.
    if (this.#socket.getSendQueueCount() > 0) return
    let answerCount = 0
    for (let at = 0; at < size; at++) {
      const place = (first + at) % MAX_WAITING
      if (this.#answer(this.#packets[place]!, this.#senders[place]!, this.#answers[answerCount]!))
        answerCount++
    }
    for (let at = 0; at < answerCount; at++) {
      const { view, port, host } = this.#answers[at]!
      this.#socket.send(view, port, host)
    }
  }

  /** False when it meets silence. */
  #answer(packet: Buffer, sender: DatagramSender, outgoing: Outgoing): boolean {
    const source = this.#source
    const addressBytes = writeIp(sender.address, source.address)
    if (addressBytes === undefined || sender.port === 0) return false
    source.addressBytes = addressBytes
    source.host = sender.address
    source.port = sender.port
    const length = this.#desk.receive(packet, source, outgoing.answer)
    if (length === 0) return false
    if (outgoing.view.length !== length) outgoing.view = outgoing.answer.bytes.subarray(0, length)
    outgoing.host = sender.address
    outgoing.port = sender.port
    return true
  }
}

function outgoing(): Outgoing {
  const answer = new UdpAnswer()
  return { answer, view: answer.bytes, host: '', port: 0 }
}

function enlargeBuffers(socket: Socket): void {
  try {
    socket.setRecvBufferSize(SOCKET_BUFFER_BYTES)
    socket.setSendBufferSize(SOCKET_BUFFER_BYTES)
  } catch {
    // The system's own sizes then.
  }
}

/**
 * Senders are addresses already. Without it every answer would take a detour through the resolver's queue.
 */
function answerAtOnce(
  address: string,
  _options: unknown,
  done: (error: Error | null, address: string, family: number) => void,
): void {
  done(null, address, address.includes(':') ? 6 : 4)
}
