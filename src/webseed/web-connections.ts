/**
 * The HTTP connections to web seeds, all torrents of a client together: how many there may be, and what sends
 * requests over them.
 */
import type { Dispatcher } from 'undici'
import { LIMITS } from '../config.js'
import { GuardedAgents } from '../net/guarded-agents.js'
import { connectReading } from './reading-socket.js'

export class WebConnections {
  readonly #agents = new GuardedAgents({
    agent: { headersTimeout: 0, bodyTimeout: 0, maxHeaderSize: LIMITS.webSeedHeaderBytes },
    connectPlain: connectReading,
  })
  readonly #countByHost = new Map<string, number>()
  #count = 0

  /** Takes the place of a connection to a host, of which there may be so many. False when there is none. */
  take(host: string, mostToHost: number): boolean {
    const toHost = this.#countByHost.get(host) ?? 0
    if (this.#count >= LIMITS.webSeedConnectionsInAll || toHost >= mostToHost) return false
    this.#countByHost.set(host, toHost + 1)
    this.#count++
    return true
  }

  /** Gives a place back that was taken. */
  give(host: string): void {
    const left = this.#countByHost.get(host)! - 1
    if (left > 0) this.#countByHost.set(host, left)
    else this.#countByHost.delete(host)
    this.#count--
  }

  /** What sends requests to public addresses, or to any. */
  agent(mayBePrivate: boolean): Promise<Dispatcher> {
    return this.#agents.agent({ mayBePrivate })
  }

  /** Cuts what is under way and closes every socket. */
  close(): Promise<void> {
    return this.#agents.close()
  }
}
