import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { LIMITS } from '../../src/config.js'
import { type IncomingPeer, Listener } from '../../src/peer/listener.js'
import { Inbox } from '../kit/inbox.js'
import { handshakeBytes } from '../kit/wire-bytes.js'

const TIMEOUT = { timeout: 10_000 }

interface Open {
  readonly listener: Listener
  readonly port: number
  readonly peers: Inbox<IncomingPeer>
}

async function open(t: TestContext): Promise<Open> {
  const peers = new Inbox<IncomingPeer>()
  const listener = new Listener((peer) => peers.put(peer))
  const port = await listener.listen(0)
  t.after(async () => {
    for (const { socket } of peers.all) socket.destroy()
    await listener.close()
  })
  return { listener, port, peers }
}

async function dial(t: TestContext, port: number, host = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ host, port, noDelay: true })
  socket.on('error', () => {})
  t.after(() => socket.destroy())
  await once(socket, 'connect')
  return socket
}

async function isClosed(socket: Socket): Promise<true> {
  socket.resume()
  if (!socket.closed) await new Promise<void>((resolve) => socket.once('close', () => resolve()))
  return true
}

for (const host of ['127.0.0.1', '::1']) {
  test(`a peer that connects over ${host} is handed over with what it said`, TIMEOUT, async (t) => {
    const { port, peers } = await open(t)
    const socket = await dial(t, port, host)
    socket.write(Buffer.concat([handshakeBytes(), Buffer.from('more')]))
    const { handshake, bytes, socket: accepted } = await peers.next()
    assert.deepEqual([...handshake.infoHash], Array(20).fill(0x11))
    assert.deepEqual([...handshake.peerId], Array(20).fill(0x22))
    assert.equal(bytes.toString('latin1', 68), 'more')
    assert.ok(accepted.remoteAddress?.endsWith(host))
  })
}

test('a handshake may come byte by byte, and nothing after it is lost', TIMEOUT, async (t) => {
  const { port, peers } = await open(t)
  const socket = await dial(t, port)
  for (const byte of handshakeBytes()) {
    assert.equal(peers.all.length, 0)
    await new Promise((resolve) => socket.write(Buffer.of(byte), resolve))
    await nextTurn()
  }
  const { socket: accepted, bytes } = await peers.next()
  socket.write('what follows')
  accepted.resume()
  const [more] = (await once(accepted, 'data')) as [Buffer]
  assert.equal(bytes.toString('latin1', 68) + more.toString(), 'what follows')
})

test('another protocol is shown the door, as soon as it has said enough', TIMEOUT, async (t) => {
  const { port, peers } = await open(t)
  const wrong = handshakeBytes()
  wrong[19] = 0x21
  for (const bytes of [wrong, Buffer.alloc(68), Buffer.from(`GET / HTTP/1.1\r\n${' '.repeat(80)}`)]) {
    const socket = await dial(t, port)
    socket.write(bytes)
    await isClosed(socket)
  }
  assert.equal(peers.all.length, 0)
})

test('a peer that leaves before its handshake is complete is forgotten', TIMEOUT, async (t) => {
  const { port, peers } = await open(t)
  for (const leave of ['end', 'resetAndDestroy'] as const) {
    const socket = await dial(t, port)
    socket.write(handshakeBytes().subarray(0, 67))
    socket[leave]()
    await isClosed(socket)
  }
  const socket = await dial(t, port)
  socket.write(handshakeBytes())
  await peers.next()
  assert.equal(peers.all.length, 1)
})

test('who says nothing, or drips, is let go after the time of a handshake', TIMEOUT, async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { port, peers } = await open(t)
  const silent = await dial(t, port)
  const dripping = await dial(t, port)
  dripping.write(handshakeBytes().subarray(0, 30))
  const good = await dial(t, port)
  good.write(handshakeBytes())
  const { socket: accepted } = await peers.next()
  t.mock.timers.tick(LIMITS.handshakeMs - 1)
  await nextTurn()
  assert.deepEqual([silent.closed, dripping.closed], [false, false])
  t.mock.timers.tick(1)
  await Promise.all([isClosed(silent), isClosed(dripping)])
  assert.equal(accepted.destroyed, false)
})

test('hundreds who say nothing do not keep others out', TIMEOUT, async (t) => {
  const { port, peers } = await open(t)
  const mute = await Promise.all(Array.from({ length: 700 }, () => dial(t, port)))
  const talking = await dial(t, port)
  talking.write(handshakeBytes())
  await peers.next()
  // Those that came first have had their time.
  await Promise.all(mute.slice(0, 80).map(isClosed))
})

test(
  'hundreds who come at once are all heard, though none speaks before the last is here',
  TIMEOUT,
  async (t) => {
    const { port, peers } = await open(t)
    const crowd = await Promise.all(Array.from({ length: 450 }, () => dial(t, port)))
    // At least one is accepted at each turn.
    for (const _ of crowd) await nextTurn()
    for (const socket of crowd) socket.write(handshakeBytes())
    for (const _ of crowd) await peers.next()
  },
)

test('a port that is taken is an error, and port 0 never is', TIMEOUT, async (t) => {
  const { port } = await open(t)
  const second = new Listener(() => {})
  await assert.rejects(second.listen(port), { code: 'EADDRINUSE' })
  assert.ok((await second.listen(0)) > 0)
  await second.close()
})

test('closing lets go of the port and of those who have not introduced themselves', TIMEOUT, async (t) => {
  const { listener, port } = await open(t)
  const socket = await dial(t, port)
  socket.write(handshakeBytes().subarray(0, 10))
  await nextTurn()
  await listener.close()
  await isClosed(socket)
  const server = createServer()
  t.after(() => server.close())
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
})

test('a listener that never listened can be closed', async () => {
  await new Listener(() => {}).close()
})
