/**
 * Undici's agents that connect only where they may (core/private-reach.ts): every address is judged when it is
 * about to be connected to, whichever name, spelling or redirect led there. A connection that was made to a
 * private address is never lent to a request that may not go there.
 *
 * Nothing is loaded or opened before the first request: undici costs tens of milliseconds of start-up.
 */

import { isIP, type LookupFunction, type TcpNetConnectOpts } from 'node:net'
import type { Agent, buildConnector } from 'undici'
import { LIMITS } from '../config.js'
import { withoutBrackets } from '../core/private-reach.js'
import { loadUndici } from './load-undici.js'
import { type Family, type LookUpOptions, lookUp, type Resolver } from './look-up.js'

/** Where connections may lead. */
export interface Door {
  readonly mayBePrivate: boolean
  /** Over this family only; whichever connects first otherwise. */
  readonly family?: Family | undefined
}

export type PlainConnector = (target: TcpNetConnectOpts, callback: buildConnector.Callback) => void

export interface GuardedAgentsOptions {
  /** For undici. */
  readonly agent?: Omit<Agent.Options, 'connect' | 'factory'>
  /** Connects over plain TCP, to no other addresses than `lookup` gives; undici's own way when there is none. */
  readonly connectPlain?: PlainConnector
  /** Told the address of each connection that is made. */
  readonly onConnected?: (address: string) => void
  /** The system's. */
  readonly resolver?: Resolver
}

export class GuardedAgents {
  readonly #options: GuardedAgentsOptions
  /** By the door that they go through. */
  readonly #agents = new Map<string, Promise<Agent>>()
  #isClosed = false

  constructor(options: GuardedAgentsOptions = {}) {
    this.#options = options
  }

  /**
   * What to send a request through; the request then fails with ForbiddenAddressError where it may not go.
   * Rejects when all is closed.
   */
  async agent({ mayBePrivate, family }: Door): Promise<Agent> {
    if (this.#isClosed) throw new Error('the connections are closed')
    const key = `${mayBePrivate} ${family}`
    const opened = this.#agents.get(key) ?? openAgent({ mayBePrivate, family }, this.#options)
    this.#agents.set(key, opened)
    return await opened
  }

  /** Cuts what is under way and closes every socket. */
  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all([...this.#agents.values()].map(async (agent) => (await agent).destroy()))
  }
}

async function openAgent(door: Door, options: GuardedAgentsOptions): Promise<Agent> {
  const { Agent, buildConnector } = await loadUndici()
  const finding = { ...door, resolver: options.resolver }
  const lookup = lookupFor(finding)
  const connectAny = buildConnector({ timeout: LIMITS.connectMs, lookup })
  const { onConnected, connectPlain } = options
  const connect: buildConnector.connector = (target, callback) => {
    const { protocol, hostname, port } = target
    if (connectPlain === undefined || protocol !== 'http:') return connectAny(target, callback)
    connectPlain({ host: withoutBrackets(hostname), port: Number(port) || 80, lookup }, callback)
  }
  return new Agent({
    ...options.agent,
    connect: (target, callback) => {
      const go = () => connect(target, onConnected === undefined ? callback : telling(onConnected, callback))
      // Node looks names up, but not addresses.
      if (isIP(target.hostname) === 0) go()
      else lookUp(target.hostname, finding).then(go, (error: Error) => callback(error, null))
    },
  })
}

function lookupFor(finding: LookUpOptions): LookupFunction {
  return (name, { all }, done) => {
    lookUp(name, finding).then(
      // Node asks for all addresses, unless the process has been told to try one family only.
      (found) => (all === true ? done(null, found) : done(null, found[0]!.address, found[0]!.family)),
      (error: NodeJS.ErrnoException) => done(error, []),
    )
  }
}

function telling(
  tell: (address: string) => void,
  callback: buildConnector.Callback,
): buildConnector.Callback {
  return (...outcome) => {
    if (outcome[0] === null) tell(outcome[1].remoteAddress ?? '')
    callback(...outcome)
  }
}
