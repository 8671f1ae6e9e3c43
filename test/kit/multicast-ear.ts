/** Hears what is announced to the IPv4 group of local discovery on the loopback interface, and can speak there. */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { TestContext } from 'node:test'
import type { Lan } from '../../src/discovery/lan.js'
import { decodeLocalAnnounce, type LocalAnnounce } from '../../src/wire/lsd-messages.js'

export const GROUP = '239.192.152.143'
export const GROUP_PORT = 6771

/** A machine that is on no other network. */
export const LOOPBACK: Lan = { interfaces: [{ family: 4, name: '127.0.0.1' }], networks: ['127.0.0.0/8'] }

export class MulticastEar {
  readonly #socket: Socket
  readonly #infoHashes: ReadonlySet<string>
  readonly #heard: LocalAnnounce[] = []
  #look: () => void = () => {}

  private constructor(socket: Socket, infoHashes: readonly string[]) {
    this.#socket = socket
    this.#infoHashes = new Set(infoHashes)
    socket.on('message', (packet) => {
      const announce = decodeLocalAnnounce(packet)
      if (announce?.infoHashes.some((infoHash) => this.#infoHashes.has(infoHash)) !== true) return
      this.#heard.push(announce)
      this.#look()
    })
  }

  /** Other tests announce their torrents in the same place: only these count. */
  static async open(t: TestContext, infoHashes: readonly string[]): Promise<MulticastEar> {
    const socket = createSocket({ type: 'udp4', reuseAddr: true })
    t.after(() => void socket.close())
    socket.bind(GROUP_PORT)
    await once(socket, 'listening')
    socket.addMembership(GROUP, '127.0.0.1')
    socket.setMulticastInterface('127.0.0.1')
    return new MulticastEar(socket, infoHashes)
  }

  /** In the order of arrival. */
  get heard(): readonly LocalAnnounce[] {
    return this.#heard
  }

  /** Resolves when so many have come in all. */
  until(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#look = () => {
        if (this.#heard.length >= count) resolve()
      }
      this.#look()
    })
  }

  say(packet: Uint8Array | string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.send(packet, GROUP_PORT, GROUP, (error) => (error === null ? resolve() : reject(error)))
    })
  }
}
