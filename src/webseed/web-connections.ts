/**
 * The HTTP connections to web seeds, all torrents of a client together: how many there may be, and what sends
 * requests over them.
 */
import type { Dispatcher } from 'undici'
import { LIMITS } from '../config.js'
import type { PrivateLeave } from '../core/private-reach.js'
import { GuardedAgents } from '../net/guarded-agents.js'
import { connectReading } from './reading-socket.js'

export class WebConnections {
  readonly #agents = new GuardedAgents({
    agent: { headersTimeout: 0, bodyTimeout: 0, maxHeaderSize: LIMITS.webSeedHeaderBytes },
    connectPlain: connectReading,
  })
  /** Whose each connection is, by host. */
  readonly #owners = new Map<string, object[]>()
  #count = 0

  /**
   * Takes the place of a connection to a host, of which there may be so many; a first one is always fair. False when
   * there is none.
   */
  take(host: string, owner: object, mostToHost: number): boolean {
    const owners = this.#owners.get(host) ?? []
    if (this.#count >= LIMITS.webSeedConnectionsInAll) return false
    if (owners.length >= mostToHost && owners.includes(owner)) return false
    this.#owners.set(host, [...owners, owner])
    this.#count++
    return true
  }

  /** Gives a place back that was taken. */
  give(host: string, owner: object): void {
    const owners = this.#owners.get(host)!
    owners.splice(owners.indexOf(owner), 1)
    if (owners.length === 0) this.#owners.delete(host)
    this.#count--
  }

  /** What sends requests to public addresses, or to any. */
  agent(mayBePrivate: PrivateLeave): Promise<Dispatcher> {
    return this.#agents.agent({ mayBePrivate })
  }

  /** Cuts what is under way and closes every socket. */
  close(): Promise<void> {
    return this.#agents.close()
  }
}
