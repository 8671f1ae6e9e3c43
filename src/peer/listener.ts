/**
 * Accepts connections and reads their handshake, so that they can be handed to the torrent that they are for.
 * Nobody who says nothing, or the wrong thing, gets any further; how many may be at this stage is bounded.
 */
import { createServer, type Server, type Socket } from 'node:net'
import { LIMITS } from '../config.js'
import { decodeHandshake, HANDSHAKE_BYTES } from '../wire/handshake.js'
import type { Handshake } from '../wire/messages.js'

/** A connection whose peer has spoken first. */
export interface IncomingPeer {
  readonly socket: Socket
  readonly handshake: Handshake
  /** Everything that has been read: the handshake, and what came with it. */
  readonly bytes: Buffer
}

/**
 * Beyond this the one that has kept us waiting longest goes: silence must not keep others out. A crowd that comes
 * at once is here whole before the first of it speaks.
 */
const MOST_GREETING = 600

export class Listener {
  readonly #server: Server
  readonly #greeting = new Set<Socket>()
  readonly #onPeer: (peer: IncomingPeer) => void

  /** `onPeer` owns the socket from then on, and destroys it when it has no use for it. */
  constructor(onPeer: (peer: IncomingPeer) => void) {
    this.#onPeer = onPeer
    this.#server = createServer({ noDelay: true }, (socket) => this.#greet(socket))
    this.#server.on('error', () => {}) // of a single connection that could not be accepted: the next one may
  }

  /**
   * Listens on all addresses, IPv6 and IPv4, and answers the port. Port 0 takes any; one that is taken rejects
   * with the system's error.
   */
  async listen(port: number): Promise<number> {
    try {
      await listenOn(this.#server, { port, host: '::' })
    } catch (error) {
      if (!NO_IPV6.has((error as NodeJS.ErrnoException).code ?? '')) throw error
      await listenOn(this.#server, { port, host: '0.0.0.0' })
    }
    const address = this.#server.address()
    return address !== null && typeof address === 'object' ? address.port : port
  }

  async close(): Promise<void> {
    for (const socket of this.#greeting) socket.destroy()
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve))
  }

  #greet(socket: Socket): void {
    this.#greeting.add(socket)
    if (this.#greeting.size > MOST_GREETING) this.#dropOldest()
    const parts: Buffer[] = []
    let byteCount = 0
    const timer = setTimeout(() => socket.destroy(), LIMITS.handshakeMs)
    const leave = () => {
      clearTimeout(timer)
      this.#greeting.delete(socket)
      socket.off('data', read).off('close', leave)
    }
    const read = (bytes: Buffer) => {
      parts.push(bytes)
      byteCount += bytes.length
      if (byteCount < HANDSHAKE_BYTES) return
      leave()
      socket.pause()
      this.#introduce(socket, Buffer.concat(parts))
    }
    socket
      .on('error', () => socket.destroy())
      .on('close', leave)
      .on('data', read)
  }

  #dropOldest(): void {
    const [oldest] = this.#greeting
    if (oldest === undefined) return
    this.#greeting.delete(oldest)
    oldest.destroy()
  }

  #introduce(socket: Socket, bytes: Buffer): void {
    try {
      const handshake = decodeHandshake(bytes.subarray(0, HANDSHAKE_BYTES))
      this.#onPeer({ socket, handshake, bytes })
    } catch {
      socket.destroy() // another protocol
    }
  }
}

/** What systems without IPv6 say. */
const NO_IPV6 = new Set(['EAFNOSUPPORT', 'EADDRNOTAVAIL', 'EINVAL'])

function listenOn(server: Server, options: { readonly port: number; readonly host: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ ...options, backlog: 511 }, () => {
      server.off('error', reject)
      resolve()
    })
  })
}
