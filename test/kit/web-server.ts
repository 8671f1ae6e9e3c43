/** A web server that has the files of a made torrent, and does what a script says. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { TestContext } from 'node:test'
import type { MadeTorrent } from './made-torrent.js'

/** What was asked for: a file by its path below the server's root, and bytes of it. */
export interface WebRequest {
  readonly path: string
  /** The whole file without a range. */
  readonly first: number
  readonly end: number
  readonly hasRange: boolean
  readonly incoming: IncomingMessage
  readonly response: ServerResponse
  /** The bytes that were asked for. */
  readonly bytes: Uint8Array
  readonly fileBytes: number
  /** Answers as it should, or with other bytes of the same length. */
  serve(bytes?: Uint8Array): void
}

export interface WebServerOptions {
  /** `127.0.0.1` */
  readonly host?: string
  readonly script?: (request: WebRequest) => void
}

export class WebServer {
  readonly requests: WebRequest[] = []
  /** How many connections were open at once, at most. */
  mostSockets = 0
  connectionCount = 0
  script: (request: WebRequest) => void
  readonly #torrent: MadeTorrent
  readonly #host: string
  readonly #sockets = new Set<Socket>()
  #server: Server | undefined
  #port = 0

  static async listen(
    t: TestContext,
    torrent: MadeTorrent,
    options: WebServerOptions = {},
  ): Promise<WebServer> {
    const server = new WebServer(torrent, options)
    await server.up()
    t.after(() => server.down())
    return server
  }

  constructor(
    torrent: MadeTorrent,
    { host = '127.0.0.1', script = (request) => request.serve() }: WebServerOptions,
  ) {
    this.#torrent = torrent
    this.#host = host
    this.script = script
  }

  /** Of its root, with a slash at its end. */
  get url(): string {
    const host = this.#host.includes(':') ? `[${this.#host}]` : this.#host
    return `http://${host}:${this.#port}/`
  }

  get openSockets(): number {
    return this.#sockets.size
  }

  /** Of all files, what was asked for: `[first, end]` in the order of the requests. */
  rangesOf(path: string): (readonly [number, number])[] {
    return this.requests.filter((request) => request.path === path).map(({ first, end }) => [first, end])
  }

  /** On the port that it had before, if any. */
  up(): Promise<void> {
    const server = createServer((incoming, response) => this.#answer(incoming, response))
    this.#server = server
    server.on('connection', (socket) => this.#count(socket))
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen(this.#port, this.#host, () => {
        this.#port = (server.address() as AddressInfo).port
        resolve()
      })
    })
  }

  /** At once: nobody hears a word of farewell. */
  async down(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (server === undefined) return
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }

  #count(socket: Socket): void {
    this.connectionCount++
    this.#sockets.add(socket)
    this.mostSockets = Math.max(this.mostSockets, this.#sockets.size)
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('error', () => {})
  }

  #answer(incoming: IncomingMessage, response: ServerResponse): void {
    response.on('error', () => {})
    const path = decodeURIComponent(new URL(incoming.url!, this.url).pathname.slice(1))
    const file = this.#torrent.metainfo.files.find(({ webPath }) => webPath.join('/') === path)
    if (file === undefined || file.isPadding) return void response.writeHead(404).end()
    const { offset, length } = file
    const range = /^bytes=(\d+)-(\d+)$/.exec(incoming.headers.range ?? '')
    const first = range === null ? 0 : Number(range[1])
    const end = range === null ? length : Number(range[2]) + 1
    const bytes = this.#torrent.content.subarray(offset + first, offset + end)
    const hasRange = range !== null
    const serve = (body = bytes) => {
      const headers = { 'content-length': body.length, ...(hasRange ? contentRange(first, end, length) : {}) }
      response.writeHead(hasRange ? 206 : 200, headers).end(body)
    }
    const request = { path, first, end, hasRange, incoming, response, bytes, fileBytes: length, serve }
    this.requests.push(request)
    this.script(request)
  }
}

export function contentRange(first: number, end: number, fileBytes: number): Record<string, string> {
  return { 'content-range': `bytes ${first}-${end - 1}/${fileBytes}` }
}
