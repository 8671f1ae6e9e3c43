/**
 * The HTTP server of the tracker. Plain announces and scrapes are answered at the gate; what is not plain
 * goes through Node's own server, which bounds what a stranger may send: headers, time, connections.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, BlockList, ListenOptions, Server as NetServer, Socket } from 'node:net'
import { AnnounceGate } from './announce-gate.js'
import { behindProxies } from './client-address.js'
import type { Eventual } from './eventual.js'
import type { HttpTracker } from './http-tracker.js'
import { type PageParts, type Pages, servePage } from './page-request.js'
import { PageRoom } from './page-room.js'

const LIMITS = {
  /** A scrape of 74 torrents has 5 KiB. */
  headerBytes: 8_192,
  /** Whoever sends a request a byte at a time holds a connection. */
  headersMs: 10_000,
  /** 10 MB of .torrent over a slow line. */
  requestMs: 60_000,
  /** Most clients announce once and are gone for half an hour. */
  keepAliveMs: 15_000,
  /** How late it may be noticed that a request takes too long. */
  checkMs: 2_000,
  /** Sockets take kernel memory, and file descriptors: those beyond are closed at once. */
  connections: 10_000,
} as const

export class HttpFront {
  readonly #server: Server
  readonly #desk: HttpTracker
  readonly #proxies: BlockList | undefined
  readonly #pages: PageParts
  readonly #gate: AnnounceGate

  private constructor(parts: HttpFrontParts) {
    this.#desk = parts.desk
    this.#proxies = parts.proxies
    this.#pages = { pages: parts.pages, torrentRoom: new PageRoom(), room: new PageRoom() }
    this.#server = createServer(
      {
        maxHeaderSize: LIMITS.headerBytes,
        headersTimeout: LIMITS.headersMs,
        requestTimeout: LIMITS.requestMs,
        keepAliveTimeout: LIMITS.keepAliveMs,
        connectionsCheckingInterval: LIMITS.checkMs,
      },
      (request, response) => this.#serve(request, response),
    )
    this.#server.maxConnections = LIMITS.connections
    const moveOn = takeConnections(this.#server)
    this.#gate = new AnnounceGate({ desk: this.#desk, moveOn, idleMs: LIMITS.keepAliveMs })
    // The gate reads no X-Forwarded-For.
    const accept = this.#proxies === undefined ? (socket: Socket) => this.#gate.accept(socket) : moveOn
    this.#server.on('connection', accept)
  }

  /**
   * At an address, or together with a server of another process. Rejects with the system's error when the
   * address cannot be bound.
   */
  static async open(parts: HttpFrontParts, place: ListenOptions | NetServer): Promise<HttpFront> {
    const front = new HttpFront(parts)
    front.#server.listen(place)
    await once(front.#server, 'listening')
    front.#server.on('error', () => {})
    return front
  }

  /** For other processes to share. */
  get server(): NetServer {
    return this.#server
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Requests under way are cut. */
  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve())
      this.#server.closeAllConnections()
      this.#gate.closeAll()
    })
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const url = request.url ?? ''
    response.sendDate = false
    if (request.method !== 'GET') return servePage(this.#pages, request, response)
    if (isAt(url, ANNOUNCE)) {
      return send(response, this.#desk.announce(url, ANNOUNCE.length + 1, this.#clientOf(request)))
    }
    if (isAt(url, SCRAPE)) return send(response, this.#desk.scrape(url, SCRAPE.length + 1))
    servePage(this.#pages, request, response)
  }

  #clientOf(request: IncomingMessage): string {
    const remote = request.socket.remoteAddress ?? ''
    if (this.#proxies === undefined) return remote
    const header = request.headers['x-forwarded-for']
    return behindProxies(remote, Array.isArray(header) ? header.join(',') : header, this.#proxies)
  }
}

/** Node's own handling of connections, which from now on gets those only that are given to it. */
function takeConnections(server: Server): (socket: Socket) => void {
  const handlers = server.listeners('connection') as ((socket: Socket) => void)[]
  server.removeAllListeners('connection')
  return (socket) => {
    for (const handler of handlers) handler.call(server, socket)
  }
}

export interface HttpFrontParts {
  readonly desk: HttpTracker
  /** Everything that is not an announce or a scrape. */
  readonly pages: Pages
  readonly proxies: BlockList | undefined
}

const ANNOUNCE = '/announce'
const SCRAPE = '/scrape'

/** With a query or without. */
function isAt(url: string, path: string): boolean {
  return url.startsWith(path) && (url.length === path.length || url[path.length] === '?')
}

function send(response: ServerResponse, body: Eventual<string>): void {
  if (typeof body === 'string') sendText(response, body)
  else void body.then((text) => sendText(response, text))
}

function sendText(response: ServerResponse, body: string): void {
  response.writeHead(200, ['Content-Type', 'text/plain', 'Content-Length', String(body.length)])
  response.end(body, 'latin1')
}
