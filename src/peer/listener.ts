/**
 * Accepts connections and reads their handshake, so that they can be handed to the torrent that they are for.
 * Nobody who says nothing, or the wrong thing, gets any further; how many may be at this stage is bounded.
 */
import { createServer, type Server, type Socket } from 'node:net'
import { LIMITS } from '../config.js'
import type { Clock } from '../core/clock.js'
import { PeerError } from '../core/errors.js'
import { TokenBucket } from '../core/token-bucket.js'
import type { MseSecrets } from '../wire/mse-handshake.js'
import { Greeting, type GreetingRules, type Introduction } from './greeting.js'
import { makeMseSecrets } from './mse-secrets.js'

/** A connection whose peer has spoken first. */
export interface IncomingPeer extends Introduction {
  readonly socket: Socket
}

export interface ListenerOptions extends Pick<GreetingRules, 'encryption' | 'findInfoHash'> {
  readonly clock: Clock
  /** It owns the socket from then on, and destroys it when it has no use for it. */
  readonly onPeer: (peer: IncomingPeer) => void
}

/**
 * Beyond this the one that has kept us waiting longest goes: silence must not keep others out. A crowd that comes
 * at once is here whole before the first of it speaks.
 */
const MOST_GREETING = 600

export class Listener {
  readonly #server: Server
  readonly #greeting = new Set<Socket>()
  readonly #options: ListenerOptions
  readonly #rules: GreetingRules
  /** Encrypted handshakes cost us arithmetic before we know who is there. */
  readonly #encryptedBudget: TokenBucket

  constructor(options: ListenerOptions) {
    this.#options = options
    this.#rules = { ...options, makeSecrets: () => this.#makeSecrets() }
    const perSecond = LIMITS.encryptedGreetingsPerSecond
    this.#encryptedBudget = new TokenBucket(perSecond, perSecond, options.clock.now())
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
    const greeting = new Greeting(this.#rules)
    const timer = setTimeout(() => socket.destroy(), LIMITS.handshakeMs)
    const leave = () => {
      clearTimeout(timer)
      this.#greeting.delete(socket)
      socket.off('data', read).off('close', leave)
    }
    const read = (bytes: Buffer) => {
      try {
        const { reply, introduction } = greeting.push(bytes)
        if (reply.length > 0) socket.write(reply)
        if (introduction === undefined) return
        leave()
        socket.pause()
        this.#options.onPeer({ socket, ...introduction })
      } catch {
        socket.destroy() // another protocol
      }
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

  #makeSecrets(): MseSecrets {
    if (this.#encryptedBudget.available(this.#options.clock.now()) < 1) {
      throw new PeerError('FLOODING', 'encrypted handshakes without end')
    }
    this.#encryptedBudget.take(1)
    return makeMseSecrets()
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
