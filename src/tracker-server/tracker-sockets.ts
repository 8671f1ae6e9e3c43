/** All sockets of a tracker: HTTP and UDP on one port, on each of its addresses. */
import { OptionError } from '../core/errors.js'
import { HttpFront, type HttpFrontParts } from './http-front.js'
import type { UdpDesk } from './udp-desk.js'
import { UdpFront } from './udp-front.js'

interface Front {
  readonly port: number
  close(): Promise<void>
}

export interface SocketParts {
  readonly http: HttpFrontParts
  readonly udp: UdpDesk
}

const ALL_IPV4 = '0.0.0.0'
const ALL_IPV6 = '::'
/** A port that is free for one socket may be taken for the next, when the system chooses. */
const PORT_TRIES = 10

export class TrackerSockets {
  readonly #fronts: Front[] = []
  readonly #parts: SocketParts
  #port = 0

  private constructor(parts: SocketParts) {
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

  async close(): Promise<void> {
    await Promise.all(this.#fronts.splice(0).map((front) => front.close()))
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
    const http = await HttpFront.open(this.#parts.http, host, this.#port)
    this.#fronts.push(http)
    this.#port = http.port
    this.#fronts.push(await UdpFront.open(this.#parts.udp, host, this.#port))
  }
}

/** A machine without IPv6 is no reason not to serve the others. */
const NO_IPV6: ReadonlySet<string> = new Set(['EAFNOSUPPORT', 'EADDRNOTAVAIL'])
