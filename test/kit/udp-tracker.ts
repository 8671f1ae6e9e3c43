/** A UDP tracker for one test: it answers by a script, and what it was asked can be waited for. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { TestContext } from 'node:test'
import { Inbox } from './inbox.js'

/** One question as it arrived. Every reader knows where things are in it (BEP 15). */
export class UdpQuery {
  constructor(
    readonly packet: Buffer,
    readonly from: RemoteInfo,
    readonly reply: (packet: Uint8Array) => void,
  ) {}

  get action(): number {
    return this.packet.readUInt32BE(8)
  }

  get transaction(): Buffer {
    return this.packet.subarray(12, 16)
  }

  get connection(): string {
    return this.packet.toString('hex', 0, 8)
  }

  /** The head of an answer, and what follows it. */
  answer(action: number, ...rest: readonly Uint8Array[]): void {
    this.reply(Buffer.concat([word(action), this.transaction, ...rest]))
  }
}

export type UdpScript = (query: UdpQuery) => void

export class UdpTracker {
  readonly queries = new Inbox<UdpQuery>()
  readonly #socket: Socket

  private constructor(socket: Socket, script: UdpScript) {
    this.#socket = socket
    socket.on('message', (packet, from) => {
      const query = new UdpQuery(packet, from, (answer) => socket.send(answer, from.port, from.address))
      this.queries.put(query)
      script(query)
    })
  }

  /** The end of the test closes it. */
  static async listen(t: TestContext, script: UdpScript, host = '127.0.0.1', port = 0): Promise<UdpTracker> {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
    socket.bind(port, host)
    await once(socket, 'listening')
    t.after(() => socket.close())
    return new UdpTracker(socket, script)
  }

  get url(): string {
    const { address, port, family } = this.#socket.address()
    return `udp://${family === 'IPv6' ? `[${address}]` : address}:${port}/announce`
  }

  get port(): number {
    return this.#socket.address().port
  }

  /** What each question was: 0 to connect, 1 to announce, 2 to scrape. */
  get actions(): number[] {
    return this.queries.all.map((query) => query.action)
  }
}

export const CONNECTION_ID = Buffer.from('0102030405060708', 'hex')

/** As trackers are: an id for whoever connects, and these peers in compact form for whoever announces. */
export function servePeers(peers: Uint8Array): UdpScript {
  return (query) => {
    if (query.action === 0) query.answer(0, CONNECTION_ID)
    if (query.action === 1) query.answer(1, word(1800), word(3), word(5), peers)
    if (query.action === 2) query.answer(2, word(5), word(70), word(3))
  }
}

/** Four bytes, big-endian. */
export function word(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
