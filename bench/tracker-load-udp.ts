/** UDP announces (BEP 15) as fast as they are answered: a few sockets, each with many under way. */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { infoHashOf, type LoadTarget, randomBelow, randomPort } from './tracker-load-names.js'

const SOCKETS = 4
const UNDER_WAY = 64
const ANNOUNCE = 1

/** Answers per second. Rejects when the tracker refuses. */
export async function loadUdp(target: LoadTarget): Promise<number> {
  const loaders = await Promise.all(Array.from({ length: SOCKETS }, () => UdpLoader.open(target)))
  const started = performance.now()
  for (const loader of loaders) loader.fill()
  await sleep(target.durationMs)
  const seconds = (performance.now() - started) / 1000
  for (const loader of loaders) loader.close()
  if (loaders.some((loader) => loader.refused > 0)) throw new Error('the tracker refuses announces')
  return loaders.reduce((sum, loader) => sum + loader.answered, 0) / seconds
}

class UdpLoader {
  answered = 0
  refused = 0
  readonly #socket: Socket
  readonly #target: LoadTarget
  readonly #packet = Buffer.alloc(98)
  /** A datagram may get lost: now and then the window is filled again. */
  readonly #refill: NodeJS.Timeout
  #lastCount = 0

  private constructor(socket: Socket, target: LoadTarget, id: Buffer) {
    this.#socket = socket
    this.#target = target
    this.#packet.set(id)
    this.#packet.writeInt32BE(ANNOUNCE, 8)
    this.#packet.writeInt32BE(50, 92)
    this.#refill = setInterval(() => this.#restart(), 200)
    socket.on('message', (answer) => this.#receive(answer))
  }

  static async open(target: LoadTarget): Promise<UdpLoader> {
    const socket = createSocket('udp4')
    socket.connect(target.port, target.host)
    await once(socket, 'connect')
    socket.send(Buffer.from('00000417271019800000000000000001', 'hex'))
    const [answer] = (await once(socket, 'message')) as [Buffer]
    return new UdpLoader(socket, target, answer.subarray(8, 16))
  }

  fill(): void {
    for (let sent = 0; sent < UNDER_WAY; sent++) this.#announce()
  }

  close(): void {
    clearInterval(this.#refill)
    this.#socket.close()
  }

  #receive(answer: Buffer): void {
    if (answer[3] === ANNOUNCE) this.answered++
    else this.refused++
    this.#announce()
  }

  #announce(): void {
    const packet = Buffer.from(this.#packet)
    packet.set(infoHashOf(randomBelow(this.#target.swarms)), 16)
    packet.writeUInt32BE(randomBelow(2 ** 32), 36)
    packet.writeUInt16BE(randomPort(), 96)
    this.#socket.send(packet)
  }

  #restart(): void {
    if (this.answered === this.#lastCount) this.fill()
    this.#lastCount = this.answered
  }
}
