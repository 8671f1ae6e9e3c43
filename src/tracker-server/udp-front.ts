/**
 * The sockets of the UDP tracker: datagrams go to the desk, and its answers back.
 *
 * Answers go out together after each round of datagrams that came in together: the system then wakes the
 * receivers once a round and not once an answer, which is worth a quarter of the throughput. When the
 * system takes no more, the answers of the next rounds are dropped, as UDP allows, until it has taken those
 * that it owes.
 */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { writeIp } from '../core/ip-bytes.js'
import { UdpAnswer } from './udp-answer.js'
import type { UdpDesk } from './udp-desk.js'

/** Answers in one round. Node reads no more than 32 datagrams before it lets others run. */
const MAX_ROUND = 64
/** What the system may hold while JavaScript is busy; it may grant less. */
const SOCKET_BUFFER_BYTES = 4 * 1024 * 1024

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
  readonly #desk: UdpDesk
  readonly #source = { address: new Uint8Array(16), addressBytes: 4 as 4 | 16 }
  readonly #round: readonly Outgoing[]
  #roundSize = 0
  readonly #sendRound = () => this.#send()

  private constructor(socket: Socket, desk: UdpDesk) {
    this.#socket = socket
    this.#desk = desk
    this.#round = Array.from({ length: MAX_ROUND }, outgoing)
    socket.on('message', (packet, sender) => this.#receive(packet, sender))
    // A datagram that could not be sent or received (an ICMP answer, say) concerns one client only.
    socket.on('error', () => {})
  }

  /** Rejects with the system's error when the address cannot be bound. */
  static async open(desk: UdpDesk, host: string, port: number): Promise<UdpFront> {
    const type = host.includes(':') ? 'udp6' : 'udp4'
    const socket = createSocket({ type, ipv6Only: type === 'udp6', lookup: answerAtOnce })
    const listening = once(socket, 'listening')
    socket.bind(port, host)
    await listening
    enlargeBuffers(socket)
    return new UdpFront(socket, desk)
  }

  get port(): number {
    return this.#socket.address().port
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.close(() => resolve()))
  }

  #receive(packet: Buffer, sender: RemoteInfo): void {
    const addressBytes = writeIp(sender.address, this.#source.address)
    if (addressBytes === undefined || sender.port === 0) return
    this.#source.addressBytes = addressBytes
    if (!this.#hasRoom()) return
    const outgoing = this.#round[this.#roundSize]!
    const length = this.#desk.receive(packet, this.#source, outgoing.answer)
    if (length === 0) return
    if (outgoing.view.length !== length) outgoing.view = outgoing.answer.bytes.subarray(0, length)
    outgoing.host = sender.address
    outgoing.port = sender.port
    this.#roundSize++
    if (this.#roundSize === 1) setImmediate(this.#sendRound)
    if (this.#roundSize === MAX_ROUND) this.#send()
  }

  /** The buffers of a round may be filled again when the system has taken all of the last one. */
  #hasRoom(): boolean {
    if (this.#roundSize > 0) return true
    return this.#socket.getSendQueueCount() === 0
  }

  #send(): void {
    const count = this.#roundSize
    this.#roundSize = 0
    try {
      for (let at = 0; at < count; at++) {
        const { view, port, host } = this.#round[at]!
        this.#socket.send(view, port, host)
      }
    } catch {
      // The socket was closed in between.
    }
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
