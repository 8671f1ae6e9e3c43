/**
 * Makes the acquaintance of DHT nodes that somebody has named: asks each whether it is there, a few at a time. Only
 * who answers gets into the table, so that a list of dead or made-up nodes costs its packets and nothing else.
 */
import { isIP } from 'node:net'
import { LIMITS } from '../config.js'
import { addressReach } from '../core/address-reach.js'
import type { PeerAddress } from '../core/peer-address.js'
import type { NodeAddress } from '../metainfo/metainfo.js'

export interface GreeterHost {
  isKnown(node: PeerAddress): boolean
  /** Resolves when the node has answered, or has not in time. */
  greet(node: PeerAddress): Promise<void>
  /** The IPv4 addresses of a name that somebody gives; rejects when it has none. */
  resolve(name: string, namer: Namer): Promise<readonly string[]>
}

/**
 * Who named the nodes. Strangers are not to lead us into networks behind ours by a name, or to the services
 * of others.
 */
export type Namer = 'user' | 'stranger'

const AT_ONCE = 8
/** Those that find no room are not missed: nodes name each other all the time. */
const MOST_WAITING = 200
/** Of one name. */
const MOST_ADDRESSES = 8

interface Waiting extends NodeAddress {
  readonly namer: Namer
}

interface Watch {
  readonly isEnough: () => boolean
  readonly end: () => void
}

export class DhtGreeter {
  readonly #host: GreeterHost
  readonly #waiting: Waiting[] = []
  readonly #watches = new Set<Watch>()
  #underWayCount = 0

  constructor(host: GreeterHost) {
    this.#host = host
  }

  /** Those that the user names go first. */
  greet(nodes: readonly NodeAddress[], namer: Namer): void {
    const named = nodes.map(({ host, port }) => ({ host, port, namer }))
    if (namer === 'user') this.#waiting.unshift(...named)
    else this.#waiting.push(...named)
    this.#waiting.splice(MOST_WAITING)
    this.#goOn()
  }

  /** Resolves when there is nobody left to greet, when it is enough, or after so long. */
  settled(isEnough: () => boolean, withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer)
        this.#watches.delete(watch)
        resolve()
      }
      const watch = { isEnough, end }
      const timer = setTimeout(end, withinMs)
      this.#watches.add(watch)
      this.#look()
    })
  }

  /** Forgets who is waiting. */
  close(): void {
    this.#waiting.length = 0
    for (const watch of [...this.#watches]) watch.end()
  }

  #goOn(): void {
    while (this.#underWayCount < AT_ONCE) {
      const next = this.#waiting.shift()
      if (next === undefined) return
      this.#underWayCount++
      void this.#meet(next).finally(() => {
        this.#underWayCount--
        this.#goOn()
        this.#look()
      })
    }
  }

  #look(): void {
    const isIdle = this.#underWayCount === 0
    for (const watch of [...this.#watches]) if (isIdle || watch.isEnough()) watch.end()
  }

  async #meet({ host, port, namer }: Waiting): Promise<void> {
    if (namer === 'stranger' && port < LIMITS.firstFreePort) return
    const hosts = await this.#addressesOf(host, namer).catch(() => [])
    const nodes = hosts.map((address) => ({ host: address, port }))
    const unknown = nodes.filter((node) => addressReach(node.host) !== 'nowhere' && !this.#host.isKnown(node))
    await Promise.all(unknown.map((node) => this.#host.greet(node)))
  }

  async #addressesOf(host: string, namer: Namer): Promise<readonly string[]> {
    if (isIP(host) !== 0) return isIP(host) === 4 ? [host] : []
    const found = await this.#host.resolve(host, namer)
    const meant = namer === 'user' ? found : found.filter((address) => addressReach(address) === 'internet')
    return meant.slice(0, MOST_ADDRESSES)
  }
}
