import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { LIMITS } from '../../src/config.js'
import { type IncomingPeer, Listener, type ListenerOptions } from '../../src/peer/listener.js'
import type { Encryption } from '../../src/swarm/encryption.js'
import { infoHashMark } from '../../src/wire/mse-keys.js'
import { callingHandshake, EncryptedEnd } from '../kit/encrypted-end.js'
import { Inbox } from '../kit/inbox.js'
import { handshakeBytes } from '../kit/wire-bytes.js'

const INFO_HASH = new Uint8Array(20).fill(0x11)
const TIMEOUT = { timeout: 10_000 }

interface Open {
  readonly listener: Listener
  readonly port: number
  readonly peers: Inbox<IncomingPeer>
}

function newListener(options: Partial<ListenerOptions> = {}): Listener {
  const findInfoHash = (mark: Buffer) => (mark.equals(infoHashMark(INFO_HASH)) ? INFO_HASH : undefined)
  const clock = { now: () => 0 }
  return new Listener({ clock, encryption: 'prefer', findInfoHash, onPeer: () => {}, ...options })
}

async function open(t: TestContext, encryption: Encryption = 'prefer'): Promise<Open> {
  const peers = new Inbox<IncomingPeer>()
  const listener = newListener({ encryption, onPeer: (peer) => peers.put(peer) })
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
  const wrong = handshakeBytes()
  wrong[19] = 0x21
  const openings = [wrong, Buffer.alloc(68), Buffer.from('GET / HTTP/1.1\r\n')]
  for (const encryption of ['prefer', 'require', 'off'] as const) {
    const { port, peers } = await open(t, encryption)
    for (const opening of openings) {
      const socket = await dial(t, port)
      // What could be an encrypted handshake is one until its padding takes no end.
      const rest = encryption === 'off' ? 0 : 96 + 512 + 20 - opening.length
      socket.write(Buffer.concat([opening, Buffer.alloc(rest, 0x20)]))
      await isClosed(socket)
    }
    assert.equal(peers.all.length, 0)
  }
})

test(
  'an encrypted caller is handed over with what it said, and a way to decrypt the rest',
  TIMEOUT,
  async (t) => {
    for (const cipher of ['plain', 'rc4'] as const) {
      const { port, peers } = await open(t)
      const end = await EncryptedEnd.call(await dial(t, port), { ciphers: [cipher] })
      end.write(handshakeBytes(), Buffer.from('more'))
      const { handshake, bytes, ciphers, socket } = await peers.next()
      assert.deepEqual(handshake.infoHash, INFO_HASH)
      assert.equal(bytes.toString('latin1', 68), 'more')
      end.write(Buffer.from('and more'))
      socket.resume()
      const [rest] = (await once(socket, 'data')) as [Buffer]
      ciphers?.incoming.apply(rest, rest)
      assert.equal(rest.toString(), 'and more')
    }
  },
)

test(
  'who requires encryption hears no plain callers, and who wants none hears no encrypted ones',
  TIMEOUT,
  async (t) => {
    const requiring = await open(t, 'require')
    const plain = await dial(t, requiring.port)
    plain.write(handshakeBytes())
    await isClosed(plain)
    await assert.rejects(EncryptedEnd.call(await dial(t, requiring.port), { ciphers: ['plain'] }))
    const end = await EncryptedEnd.call(await dial(t, requiring.port))
    assert.equal(end.cipher, 'rc4')
    const refusing = await open(t, 'off')
    await assert.rejects(EncryptedEnd.call(await dial(t, refusing.port)))
    assert.equal(requiring.peers.all.length + refusing.peers.all.length, 0)
  },
)

test('encrypted callers for a torrent that is not here are shown the door', TIMEOUT, async (t) => {
  const { port } = await open(t)
  await assert.rejects(EncryptedEnd.call(await dial(t, port), { infoHash: new Uint8Array(20).fill(0x12) }))
})

test('so many encrypted callers are heard in a second, and plain ones all the same', TIMEOUT, async (t) => {
  const { port, peers } = await open(t)
  const extraCount = 7
  let answeredCount = 0
  let refusedCount = 0
  const callers = Array.from({ length: LIMITS.encryptedGreetingsPerSecond + extraCount }, async () => {
    const socket = await dial(t, port)
    socket.write(callingHandshake().push(Buffer.alloc(0)).reply)
    socket.once('data', () => answeredCount++)
    socket.once('close', () => refusedCount++)
    await Promise.race([once(socket, 'data'), once(socket, 'close')])
  })
  await Promise.all(callers)
  assert.deepEqual([answeredCount, refusedCount], [LIMITS.encryptedGreetingsPerSecond, extraCount])
  const plain = await dial(t, port)
  plain.write(handshakeBytes())
  await peers.next()
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
  const second = newListener()
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
  await newListener().close()
})
