/**
 * A multicast group on all networks around: packets that come from any of them, and packets that go to all. What a
 * network or the system refuses is left out; nothing here throws or keeps the process alive.
 */
import { createSocket, type Socket } from 'node:dgram'
import type { LanInterface } from './lan.js'

export interface GroupAddress {
  readonly family: 4 | 6
  readonly host: string
  readonly port: number
}

/** Across the routers of a site that forwards multicast, and no further. */
const HOPS = 4

export class MulticastGroup {
  readonly #address: GroupAddress
  readonly #onPacket: (packet: Buffer, host: string) => void
  /** Hears all interfaces. */
  #receiver: Socket | undefined
  /** By the name of the interface: which one a packet takes is a setting of its socket. */
  readonly #senders = new Map<string, Socket>()
  #isClosed = false

  constructor(address: GroupAddress, onPacket: (packet: Buffer, host: string) => void) {
    this.#address = address
    this.#onPacket = onPacket
  }

  /** Takes part on these interfaces, those of the other family left out, and no longer on others. */
  async join(interfaces: readonly LanInterface[]): Promise<void> {
    const names = interfaces.filter(({ family }) => family === this.#address.family).map(({ name }) => name)
    const senders = [...this.#senders]
    for (const [name, socket] of senders) if (!names.includes(name)) this.#drop(name, socket)
    this.#receiver ??= await this.#openReceiver()
    for (const name of names) this.#hear(name)
    await Promise.all(names.filter((name) => !this.#senders.has(name)).map((name) => this.#addSender(name)))
  }

  /** To each interface once. */
  send(packet: Buffer): void {
    const { host, port } = this.#address
    // A network that is down now may be up the next time.
    for (const socket of this.#senders.values()) socket.send(packet, port, host, () => {})
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const sockets = [this.#receiver, ...this.#senders.values()]
    this.#receiver = undefined
    this.#senders.clear()
    await Promise.all(sockets.map(closeSocket))
  }

  /** Undefined when another program has the port for itself: we are still heard. */
  async #openReceiver(): Promise<Socket | undefined> {
    const { port } = this.#address
    const socket = await openSocket(this.#address.family, port)
    if (socket === undefined || this.#isClosed) return void (await closeSocket(socket))
    socket.on('message', (packet, { address }) => this.#onPacket(packet, address))
    return socket
  }

  /** Again is no harm: a network that was left and has come back must be joined anew. */
  #hear(name: string): void {
    unlessRefused(() => this.#receiver?.addMembership(this.#address.host, name))
  }

  async #addSender(name: string): Promise<void> {
    const socket = await openSocket(this.#address.family, 0)
    const isReady = unlessRefused(() => {
      socket?.setMulticastInterface(name)
      socket?.setMulticastTTL(HOPS)
    })
    if (socket === undefined || this.#isClosed || !isReady) return await closeSocket(socket)
    this.#senders.set(name, socket)
  }

  #drop(name: string, socket: Socket): void {
    this.#senders.delete(name)
    void closeSocket(socket)
    unlessRefused(() => this.#receiver?.dropMembership(this.#address.host, name))
  }
}

/** Bound to that port, which may be shared with other programs; undefined when that is refused. */
function openSocket(family: 4 | 6, port: number): Promise<Socket | undefined> {
  const socket = createSocket({
    type: family === 4 ? 'udp4' : 'udp6',
    reuseAddr: true,
    ipv6Only: family === 6,
  })
  return new Promise((resolve) => {
    socket.once('error', () => {
      socket.close()
      resolve(undefined)
    })
    socket.bind({ port, exclusive: true }, () => {
      socket.removeAllListeners('error').on('error', () => {}) // of single packets from here on
      socket.unref()
      resolve(socket)
    })
  })
}

function closeSocket(socket: Socket | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (socket === undefined) resolve()
    else socket.close(() => resolve())
  })
}

function unlessRefused(attempt: () => void): boolean {
  try {
    attempt()
    return true
  } catch {
    return false
  }
}
