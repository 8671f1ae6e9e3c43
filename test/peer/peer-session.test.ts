import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { LIMITS } from '../../src/config.js'
import { PeerError } from '../../src/core/errors.js'
import { encodeHandshake } from '../../src/wire/handshake.js'
import { refusedUrl } from '../kit/local-server.js'
import { type DialledSession, dialSession, INFO_HASH, PEER_ID, read, servePeer } from '../kit/peer-server.js'
import { blockFrame, frame, handshakeBytes, uint32 } from '../kit/wire-bytes.js'

interface Connected extends DialledSession {
  /** The other end, which has read our handshake. */
  readonly remote: Socket
}

async function connect(t: TestContext): Promise<Connected> {
  const server = await servePeer(t)
  const dialled = dialSession(t, server.address)
  const remote = await server.sockets.next()
  await read(remote, 68)
  return { ...dialled, remote }
}

/** Both have shaken hands. */
async function open(t: TestContext): Promise<Connected> {
  const connected = await connect(t)
  connected.remote.write(handshakeBytes())
  await connected.owner.handshakes.next()
  return connected
}

async function faultOf({ owner }: DialledSession): Promise<string> {
  const error = await owner.closings.next()
  assert.ok(error instanceof PeerError, String(error))
  return error.code
}

test('our handshake is the first that a peer gets, and its own opens the session', async (t) => {
  const server = await servePeer(t)
  const { session, owner } = dialSession(t, server.address)
  assert.equal(session.phase, 'connecting')
  const remote = await server.sockets.next()
  assert.deepEqual(await read(remote, 68), encodeHandshake(INFO_HASH, PEER_ID))
  assert.equal(session.phase, 'handshaking')
  remote.write(handshakeBytes())
  assert.deepEqual((await owner.handshakes.next()).infoHash, INFO_HASH)
  assert.equal(session.phase, 'open')
})

test('the messages of a read come in order, then the word that it is over', async (t) => {
  const { remote, owner } = await connect(t)
  remote.write(Buffer.concat([handshakeBytes(), frame(1), uint32(0), frame(4, uint32(3))]))
  for (let count = 0; count < 3; count++) await owner.messages.next()
  await setImmediate()
  assert.deepEqual(owner.events, ['handshake', 'unchoke', 'keepAlive', 'have', 'readDone'])
})

test('the flags follow what the peer says, and begin as BEP 3 has them', async (t) => {
  const { session, remote, owner } = await open(t)
  const flags = () => [session.amInterested, session.peerChoking, session.peerInterested]
  assert.deepEqual(flags(), [false, true, false])
  const after = async (id: number) => {
    remote.write(frame(id))
    await owner.messages.next()
    return flags()
  }
  assert.deepEqual(await after(1), [false, false, false])
  assert.deepEqual(await after(2), [false, false, true])
  assert.deepEqual(await after(0), [false, true, true])
  assert.deepEqual(await after(3), [false, true, false])
})

test('the peer hears of our interest when it changes, and only then', async (t) => {
  const { session, remote } = await open(t)
  for (const isInterested of [false, true, true, false, false, true]) session.setInterest(isInterested)
  session.send(frame(9, Buffer.of(1, 2)))
  assert.deepEqual(
    await read(remote, 22),
    Buffer.concat([frame(2), frame(3), frame(2), frame(9, Buffer.of(1, 2))]),
  )
})

test('an owner that throws a PeerError ends the session with it, and hears no more', async (t) => {
  for (const refused of ['handshake', 'have']) {
    const connected = await connect(t)
    const reason = new PeerError('UNKNOWN_PIECE', 'no such piece')
    connected.owner.onMessage = (_, message) => {
      if (message.type === refused) throw reason
    }
    connected.remote.write(Buffer.concat([handshakeBytes(), frame(4, uint32(9)), frame(1), frame(0)]))
    assert.equal(await connected.owner.closings.next(), reason)
    await once(connected.remote, 'close')
    const expected = refused === 'handshake' ? ['handshake', 'closed'] : ['handshake', 'have', 'closed']
    assert.deepEqual(connected.owner.events, expected)
  }
})

test('a session that its owner closes gives nothing more of what has come', async (t) => {
  const { session, remote, owner } = await connect(t)
  const reason = new Error('enough')
  owner.onMessage = (_, message) => {
    if (message.type === 'have') session.close(reason)
  }
  remote.write(
    Buffer.concat([handshakeBytes(), frame(4, uint32(9)), frame(1), blockFrame(0, 0, Buffer.of(1))]),
  )
  assert.equal(await owner.closings.next(), reason)
  await once(remote, 'close')
  session.close(new Error('again'))
  session.send(frame(1))
  session.tick(1e9)
  assert.deepEqual(owner.events, ['handshake', 'have', 'closed'])
  assert.equal(session.phase, 'closed')
})

test('what an owner throws when the socket takes bytes again ends its session, too', async (t) => {
  const { session, remote, owner } = await open(t)
  const reason = new Error('a defect')
  owner.writable = () => {
    throw reason
  }
  while (session.hasRoom) session.sendBlocks(Buffer.alloc(1024 * 1024), () => {})
  remote.resume()
  assert.equal(await owner.closings.next(), reason)
})

test('a peer that speaks another protocol, or frames that cannot be, is refused by name', async (t) => {
  const hostile: readonly [bytes: Buffer, code: string][] = [
    [Buffer.from(`GET / HTTP/1.1\r\n${'\r\n'.repeat(40)}`), 'BAD_HANDSHAKE'],
    [Buffer.concat([handshakeBytes(), uint32(0xffffffff)]), 'FRAME_TOO_LONG'],
    [Buffer.concat([handshakeBytes(), frame(4, Buffer.of(1))]), 'BAD_MESSAGE'],
  ]
  for (const [bytes, code] of hostile) {
    const connected = await connect(t)
    connected.remote.write(bytes)
    assert.equal(await faultOf(connected), code)
    await once(connected.remote, 'close')
    assert.equal(connected.owner.closings.all.length, 1)
  }
})

test('a peer that closes, politely or not, wherever in a message, closes the session once', async (t) => {
  const block = blockFrame(0, 0, Buffer.alloc(100))
  for (const sent of [0, 1, 67, 68, 70, 73, 90]) {
    for (const leave of ['end', 'resetAndDestroy'] as const) {
      const connected = await connect(t)
      const bytes = Buffer.concat([handshakeBytes(), block]).subarray(0, sent)
      await new Promise((resolve) => connected.remote.write(bytes, resolve))
      connected.remote[leave]()
      assert.equal(await faultOf(connected), 'CLOSED', `${leave} after ${sent} bytes`)
      await setImmediate()
      assert.equal(connected.owner.closings.all.length, 1)
    }
  }
})

test('a peer that talks without end is closed, unless what it says is of use', async (t) => {
  const haves = Buffer.concat(Array.from({ length: LIMITS.chatterMessages + 1 }, () => frame(4, uint32(9))))
  for (const isUseful of [false, true]) {
    const connected = await open(t)
    let heardCount = 0
    connected.owner.onMessage = (session, message) => {
      if (message.type === 'have') heardCount++
      if (message.type === 'have' && isUseful) session.excuse()
      if (message.type === 'port') session.close(new PeerError('CLOSED', 'the last message has come'))
    }
    connected.remote.write(Buffer.concat([haves, frame(9, Buffer.of(1, 2))]))
    assert.equal(await faultOf(connected), isUseful ? 'CLOSED' : 'FLOODING')
    assert.equal(heardCount, LIMITS.chatterMessages + (isUseful ? 1 : 0))
  }
})

test('an address where nobody listens fails to connect', async (t) => {
  const { port } = new URL(await refusedUrl())
  assert.equal(await faultOf(dialSession(t, { host: '127.0.0.1', port: Number(port) })), 'CONNECT_FAILED')
})

test('a connection that is not answered in fifteen seconds is given up', async (t) => {
  const server = await servePeer(t)
  const { session, owner, clock } = dialSession(t, server.address)
  clock.pass(15_000)
  session.tick(clock.now())
  assert.equal(session.phase, 'connecting')
  clock.pass(1)
  session.tick(clock.now())
  assert.equal((owner.closings.all[0] as PeerError).code, 'CONNECT_TIMEOUT')
})

test('a peer that does not shake hands in ten seconds is given up', async (t) => {
  const { session, owner, clock } = await connect(t)
  clock.pass(10_000)
  session.tick(clock.now())
  assert.equal(session.phase, 'handshaking')
  clock.pass(1)
  session.tick(clock.now())
  assert.equal((owner.closings.all[0] as PeerError).code, 'HANDSHAKE_TIMEOUT')
})

test('a peer that drips its handshake gets no longer than one that says nothing', async (t) => {
  const { session, remote, clock, owner } = await connect(t)
  const bytes = handshakeBytes()
  for (let at = 0; at < 3; at++) {
    const { heardMs } = session
    clock.pass(4_000)
    remote.write(bytes.subarray(at, at + 1))
    while (session.phase !== 'closed' && session.heardMs === heardMs) await setImmediate()
    session.tick(clock.now())
  }
  assert.equal((owner.closings.all[0] as PeerError | undefined)?.code, 'HANDSHAKE_TIMEOUT')
})

test('a peer that is silent for three minutes is given up, and any byte counts', async (t) => {
  const { session, remote, clock, owner } = await open(t)
  clock.pass(179_000)
  remote.write(uint32(0))
  await owner.messages.next()
  clock.pass(180_000)
  session.tick(clock.now())
  assert.equal(session.phase, 'open')
  clock.pass(1)
  session.tick(clock.now())
  assert.equal((owner.closings.all[0] as PeerError).code, 'IDLE')
})

test('a keep-alive goes out when nothing else has for a while', async (t) => {
  const { session, remote, clock } = await open(t)
  session.send(frame(1))
  clock.pass(100_000)
  session.tick(clock.now())
  clock.pass(1)
  session.tick(clock.now())
  session.tick(clock.now())
  session.send(frame(0))
  assert.deepEqual(await read(remote, 14), Buffer.concat([frame(1), uint32(0), frame(0)]))
})

test('a peer that does not read is given up before much piles up for it', async (t) => {
  const connected = await open(t)
  const bytes = frame(5, Buffer.alloc(64 * 1024))
  let sentBytes = 0
  connected.remote.pause()
  while (connected.session.phase === 'open') {
    connected.session.send(bytes)
    sentBytes += bytes.length
    await setImmediate()
    assert.ok(sentBytes < 256 * 1024 * 1024, 'it takes no end')
  }
  assert.equal(await faultOf(connected), 'USELESS')
})

test('what is sent in one turn arrives whole and in order, however slowly the peer reads', async (t) => {
  const { session, remote } = await open(t)
  const sent: Buffer[] = []
  for (let index = 0; index < 40; index++) {
    sent.push(frame(5, Buffer.alloc(20_000, index)))
    session.send(sent.at(-1)!)
    if (index % 7 === 0) await setImmediate()
  }
  for (const bytes of sent) assert.ok((await read(remote, bytes.length)).equals(bytes))
})
