/**
 * Undici's agents that connect only where they may (core/private-reach.ts): every address is judged when it is
 * about to be connected to, whichever name, spelling or redirect led there. A connection that was made to a
 * private address is never lent to a request that may not go there.
 *
 * Nothing is loaded or opened before the first request: undici costs tens of milliseconds of start-up.
 */

import { isIP, type LookupFunction, type Socket, type TcpNetConnectOpts } from 'node:net'
import type { Agent, buildConnector } from 'undici'
import { LIMITS } from '../config.js'
import { loadAddressKind } from '../core/load-address-kind.js'
import { type PrivateLeave, withoutBrackets } from '../core/private-reach.js'
import { loadUndici } from './load-undici.js'
import { type Family, type LookUpOptions, lookUp, type Resolver } from './look-up.js'

/** Where connections may lead. */
export interface Door {
  readonly mayBePrivate: PrivateLeave
  /** Over this family only; whichever connects first otherwise. */
  readonly family?: Family | undefined
}

export type PlainConnector = (target: TcpNetConnectOpts, callback: buildConnector.Callback) => Socket

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
  /**
   * An agent that is destroyed waits for those: a silent host would keep the process for as long as one may
   * connect.
   */
  readonly #connecting = new Set<Socket>()
  #isClosed = false

  constructor(options: GuardedAgentsOptions = {}) {
    this.#options = options
  }

  /**
   * What to send a request through; the request then fails with ForbiddenAddressError where it may not go.
   * Rejects when all is closed.
   */
  async agent({ mayBePrivate, family }: Door): Promise<Agent> {
    if (this.#isClosed) throw new Error(CLOSED)
    const key = `${mayBePrivate} ${family}`
    const opened =
      this.#agents.get(key) ?? openAgent({ mayBePrivate, family }, this.#options, this.#connecting)
    this.#agents.set(key, opened)
    return await opened
  }

  /** Cuts what is under way and closes every socket. */
  async close(): Promise<void> {
    this.#isClosed = true
    for (const socket of this.#connecting) socket.destroy(new Error(CLOSED))
    await Promise.all([...this.#agents.values()].map(async (agent) => (await agent).destroy()))
  }
}

const CLOSED = 'the connections are closed'

async function openAgent(door: Door, options: GuardedAgentsOptions, connecting: Set<Socket>): Promise<Agent> {
  const { Agent, buildConnector } = loadUndici()
  const rule = await ruleOf(door, options.resolver)
  const lookup = lookupFor(rule)
  const connectAny = buildConnector({ timeout: LIMITS.connectMs, lookup })
  const { connectPlain } = options
  const open = (target: buildConnector.Options, callback: buildConnector.Callback): Socket => {
    const { protocol, hostname, port } = target
    // Undici's types do not say that it returns the socket.
    if (connectPlain === undefined || protocol !== 'http:')
      return connectAny(target, callback) as unknown as Socket
    return connectPlain({ host: withoutBrackets(hostname), port: Number(port) || 80, lookup }, callback)
  }
  const connect: buildConnector.connector = (target, callback) => {
    const socket = open(target, (error, connected) => {
      connecting.delete(socket)
      if (error !== null) return callback(error, null)
      const { remoteAddress } = connected
      if (remoteAddress !== undefined) {
        options.onConnected?.(remoteAddress)
        rule.connected(target.hostname, connected, remoteAddress)
        return callback(null, connected)
      }
      // It is gone again, and what it has left behind came from nobody knows where.
      connected.destroy()
      callback(Object.assign(new Error('the connection is gone'), { code: 'ECONNRESET' }), null)
    })
    connecting.add(socket)
  }
  return new Agent({
    ...options.agent,
    connect: (target, callback) => {
      const go = () => connect(target, callback)
      // Node looks names up, but not addresses.
      if (isIP(target.hostname) === 0) go()
      else lookUp(target.hostname, rule.of(target.hostname)).then(go, (error: Error) => callback(error, null))
    },
  })
}

/** Where the connections of one agent may lead. */
interface Rule {
  of(hostname: string): LookUpOptions
  connected(hostname: string, socket: Socket, address: string): void
}

async function ruleOf(
  { mayBePrivate, family }: Door,
  resolver: GuardedAgentsOptions['resolver'],
): Promise<Rule> {
  const { addressKind } = await loadAddressKind()
  /** Few: the user wrote them. */
  const publicNames = new Set<string>()
  /** Those to private addresses, by the name that led there. */
  const names = new Map<Socket, string>()
  return {
    of: (hostname) => ({
      family,
      resolver,
      mayBePrivate: mayBePrivate !== false && !publicNames.has(hostname),
    }),
    connected: (hostname, socket, address) => {
      if (mayBePrivate !== 'until public') return
      if (addressKind(address) !== 'public') {
        names.set(socket, hostname)
        socket.once('close', () => names.delete(socket))
        return
      }
      publicNames.add(hostname)
      // What is kept of them would else serve where the stranger sends us.
      for (const [other, name] of names) if (name === hostname) other.destroy()
    },
  }
}

function lookupFor(rule: Rule): LookupFunction {
  return (name, { all }, done) => {
    lookUp(name, rule.of(name)).then(
      // Node asks for all addresses, unless the process has been told to try one family only.
      (found) => (all === true ? done(null, found) : done(null, found[0]!.address, found[0]!.family)),
      (error: NodeJS.ErrnoException) => done(error, []),
    )
  }
}
