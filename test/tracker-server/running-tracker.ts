/** A tracker on 127.0.0.1 for one test, and what its clients say to it. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, type TestContext } from 'node:test'
import type { TrackerServerOptions } from '../../src/tracker-server/tracker-options.js'
import { TrackerServer } from '../../src/tracker-server/tracker-server.js'

export interface RunningTracker {
  readonly server: TrackerServer
  /** `http://127.0.0.1:port`. */
  readonly url: string
}

export async function runTracker(
  t: TestContext,
  options: TrackerServerOptions = {},
): Promise<RunningTracker> {
  const server = new TrackerServer({ port: 0, hosts: ['127.0.0.1'], ...options })
  t.after(() => server.close())
  await server.listen()
  return { server, url: `http://127.0.0.1:${server.port}` }
}

/** Gone when all tests are: a tracker may save its state until its own test has ended. */
export function trackerFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'swarmfetch-tracker-'))
  folders.push(folder)
  return folder
}

const folders: string[] = []
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** Sends datagrams from one socket and gives the answer to each. */
export async function udpClient(t: TestContext, port: number, host = '127.0.0.1') {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
  t.after(() => socket.close())
  socket.connect(port, host)
  await once(socket, 'connect')
  return async (packet: Buffer): Promise<Buffer> => {
    const answer = once(socket, 'message')
    socket.send(packet)
    return ((await answer) as [Buffer])[0]
  }
}

/**
 * Everything that comes back for these bytes, each part a packet of its own, until the server ends the
 * connection.
 */
export async function rawExchange(port: number, bytes: string | Buffer | readonly Buffer[]): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  socket.on('error', () => {})
  const answer = text(socket)
  await once(socket, 'connect')
  const parts = typeof bytes === 'string' || Buffer.isBuffer(bytes) ? [bytes] : bytes
  for (const part of parts)
    await new Promise<void>((resolve) => socket.write(part, () => setImmediate(resolve)))
  return await answer
}
