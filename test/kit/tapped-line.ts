/** A proxy in front of a peer that keeps everything that goes over the line. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { TestContext } from 'node:test'
import type { PeerAddress } from '../../src/core/peer-address.js'

export interface TappedConnection {
  /** As read so far, from who dialled and from who was dialled. */
  readonly fromCaller: Buffer[]
  readonly fromCalled: Buffer[]
  cut(): void
}

export interface TappedLine {
  readonly address: PeerAddress
  /** In the order in which they came. */
  readonly connections: readonly TappedConnection[]
}

/** Closed at the end of the test. */
export async function tapLine(t: TestContext, target: PeerAddress): Promise<TappedLine> {
  const connections: TappedConnection[] = []
  const server = createServer((caller) => {
    const called = connect({ ...target, noDelay: true })
    const connection = {
      fromCaller: keep(caller),
      fromCalled: keep(called),
      cut: () => void caller.destroy(),
    }
    connections.push(connection)
    caller.pipe(called).pipe(caller)
    for (const [one, other] of [
      [caller, called],
      [called, caller],
    ] as const) {
      one.on('error', () => {}).on('close', () => other.destroy())
    }
    t.after(connection.cut)
  })
  t.after(() => server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { address: { host: '127.0.0.1', port: (server.address() as AddressInfo).port }, connections }
}

function keep(socket: Socket): Buffer[] {
  const parts: Buffer[] = []
  socket.on('data', (bytes) => parts.push(bytes))
  return parts
}
