/** All sockets of a tracker: HTTP and UDP on one port, on each of its addresses. */
import { Socket } from 'node:dgram'
import type { Server } from 'node:net'
import { OptionError } from '../core/errors.js'
import type { DatagramDesk } from './datagram-desk.js'
import { HttpFront, type HttpFrontParts } from './http-front.js'
import { UdpFront } from './udp-front.js'

export interface SocketParts {
  readonly http: HttpFrontParts
  /** For the UDP front of this number: addresses count from 0. */
  readonly udp: (front: number) => DatagramDesk
}

const ALL_IPV4 = '0.0.0.0'
const ALL_IPV6 = '::'
/** A port that is free for one socket may be taken for the next, when the system chooses. */
const PORT_TRIES = 10

export class TrackerSockets {
  /** In the order of their addresses, which is the same in all processes. */
  readonly udpFronts: UdpFront[] = []
  /** The addresses that were to be had. */
  readonly hosts: string[] = []
  readonly #httpFronts: HttpFront[] = []
  readonly #parts: SocketParts
  #port = 0

  /** Without any. */
  constructor(parts: SocketParts) {
    this.#parts = parts
  }

  /** Rejects with OptionError `BAD_OPTION` when an address cannot be bound; nothing stays open then. */
  static async open(
    parts: SocketParts,
    hosts: readonly string[] | undefined,
    port: number,
  ): Promise<TrackerSockets> {
    for (let tries = port === 0 ? PORT_TRIES : 1; ; tries--) {
      const sockets = new TrackerSockets(parts)
      try {
        await sockets.#openAll(hosts, port)
        return sockets
      } catch (error) {
        await sockets.close()
        const { code, message } = error as NodeJS.ErrnoException
        if (tries > 1 && code === 'EADDRINUSE') continue
        throw new OptionError('BAD_OPTION', `cannot listen: ${message}`, { cause: error })
      }
    }
  }

  get port(): number {
    return this.#port
  }

  /** For other processes, which add them in this order. */
  get servers(): readonly (Server | Socket)[] {
    return [...this.#httpFronts.map(({ server }) => server), ...this.udpFronts.map(({ socket }) => socket)]
  }

  /** One of another process, which both answer from now on. */
  async add(server: Server | Socket): Promise<void> {
    if (server instanceof Socket) this.udpFronts.push(new UdpFront(this.#nextDesk(), server))
    else this.#httpFronts.push(await HttpFront.open(this.#parts.http, server))
  }

  async close(): Promise<void> {
    const fronts = [...this.#httpFronts.splice(0), ...this.udpFronts.splice(0)]
    await Promise.all(fronts.map((front) => front.close()))
  }

  async #openAll(hosts: readonly string[] | undefined, port: number): Promise<void> {
    this.#port = port
    for (const host of hosts ?? [ALL_IPV4]) await this.#openOn(host)
    if (hosts !== undefined) return
    await this.#openOn(ALL_IPV6).catch((error: NodeJS.ErrnoException) => {
      if (!NO_IPV6.has(error.code ?? '')) throw error
    })
  }

  async #openOn(host: string): Promise<void> {
    const place = { host, port: this.#port, ipv6Only: host.includes(':') }
    const http = await HttpFront.open(this.#parts.http, place)
    this.#httpFronts.push(http)
    this.#port = http.port
    this.udpFronts.push(await UdpFront.open(this.#nextDesk(), host, this.#port))
    this.hosts.push(host)
  }

  #nextDesk(): DatagramDesk {
    return this.#parts.udp(this.udpFronts.length)
  }
}

/** A machine without IPv6 is no reason not to serve the others. */
const NO_IPV6: ReadonlySet<string> = new Set(['EAFNOSUPPORT', 'EADDRNOTAVAIL', 'EINVAL'])
