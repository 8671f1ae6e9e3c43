/** Servers on 127.0.0.1 for one test: the port is the system's choice, and the end of the test closes them. */
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import type { TestContext } from 'node:test'

/** The URL of an HTTP server, with `/` as its path. */
export async function serveHttp(t: TestContext, listener: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await listen(t, createHttpServer(listener))}/`
}

/** The URL of a server that gets bare sockets, for answers that are not proper HTTP. */
export async function serveSockets(t: TestContext, onSocket: (socket: Socket) => void): Promise<string> {
  return `http://127.0.0.1:${await listen(t, createServer(onSocket))}/`
}

/** The URL of a server that accepts connections, reads the request and never says a word. */
export function serveSilence(t: TestContext, onRequest: (head: string) => void = () => {}): Promise<string> {
  return serveSockets(t, (socket) => {
    socket.on('data', (bytes) => onRequest(bytes.toString('latin1')))
  })
}

/** The URL of a port that refuses connections, as nearly as that can be had: it was free a moment ago. */
export async function refusedUrl(): Promise<string> {
  const server = createServer()
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
  await new Promise((resolve) => server.close(resolve))
  return `http://127.0.0.1:${port}/`
}

function listen(t: TestContext, server: Server): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
  })
  t.after(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}
