/** Sessions whose connection is encrypted, in either way and from either side. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { PeerError } from '../../src/core/errors.js'
import { type IncomingPeer, Listener } from '../../src/peer/listener.js'
import { encodeHandshake } from '../../src/wire/handshake.js'
import type { BlockPart } from '../../src/wire/messages.js'
import type { PayloadCipher } from '../../src/wire/mse-handshake.js'
import { EncryptedEnd } from '../kit/encrypted-end.js'
import { Inbox } from '../kit/inbox.js'
import { payloadBytes } from '../kit/payload.js'
import { type DialledSession, dialSession, INFO_HASH, PEER_ID, servePeer } from '../kit/peer-server.js'
import { blockFrame, frame, handshakeBytes, uint32 } from '../kit/wire-bytes.js'

const TIMEOUT = { timeout: 10_000 }

interface Connected extends DialledSession {
  readonly end: EncryptedEnd
}

/** We dial, the peer chooses. */
async function dialled(t: TestContext, cipher: PayloadCipher): Promise<Connected> {
  const server = await servePeer(t)
  const session = dialSession(t, server.address, { payloadCiphers: ['plain', 'rc4'] })
  const end = await EncryptedEnd.answer(await server.sockets.next(), { ciphers: [cipher] })
  return { ...session, end }
}

/** The peer has called us. */
async function called(t: TestContext, cipher: PayloadCipher): Promise<Connected> {
  const peers = new Inbox<IncomingPeer>()
  const listener = new Listener({
    clock: { now: () => 0 },
    encryption: 'prefer',
    findInfoHash: () => INFO_HASH,
    onPeer: (peer) => peers.put(peer),
  })
  const port = await listener.listen(0)
  const socket = connect({ host: '127.0.0.1', port })
  t.after(async () => {
    socket.destroy()
    for (const peer of peers.all) peer.socket.destroy()
    await listener.close()
  })
  const end = await EncryptedEnd.call(socket, { ciphers: [cipher], initialPayload: handshakeBytes() })
  const incoming = await peers.next()
  return { ...dialSession(t, { host: '127.0.0.1', port: socket.localPort! }, { incoming }), end }
}

for (const [direction, meet] of [
  ['a peer that we dial', dialled],
  ['a peer that calls', called],
] as const) {
  for (const cipher of ['plain', 'rc4'] as const) {
    test(`both sides understand each other: ${direction}, payload in ${cipher}`, TIMEOUT, async (t) => {
      const { session, owner, end } = await meet(t, cipher)
      assert.equal(end.cipher, cipher)
      assert.deepEqual(await end.read(68), encodeHandshake(INFO_HASH, PEER_ID))
      if (meet === dialled) end.write(handshakeBytes())
      assert.deepEqual((await owner.handshakes.next()).infoHash, INFO_HASH)
      end.write(frame(1), frame(4, uint32(3)))
      assert.equal((await owner.messages.next()).type, 'unchoke')
      assert.deepEqual(await owner.messages.next(), { type: 'have', index: 3 })
      const shared = blockFrame(0, 0, payloadBytes(0, 200_000))
      const before = Buffer.from(shared)
      session.setInterest(true)
      session.sendBlocks(shared, () => {})
      session.send(frame(9, Buffer.of(1, 2)))
      const expected = Buffer.concat([frame(2), before, frame(9, Buffer.of(1, 2))])
      assert.ok((await end.read(expected.length)).equals(expected))
      assert.ok(shared.equals(before), 'what others are sent too stays as it is')
      assert.equal(session.mostBlockBytes, cipher === 'rc4' ? 65_536 : Number.POSITIVE_INFINITY)
    })
  }
}

test("peers that send at the same time do not get into each other's blocks", TIMEOUT, async (t) => {
  const peers = await Promise.all([dialled(t, 'rc4'), dialled(t, 'rc4'), dialled(t, 'plain')])
  const blockCount = 20
  for (const { end } of peers) end.write(handshakeBytes())
  for (let at = 0; at < blockCount; at++) {
    for (const [number, { end }] of peers.entries()) {
      end.write(blockFrame(number, at * 16_384, payloadBytes(number * 1_000_000 + at * 16_384, 16_384)))
    }
    await setImmediate()
  }
  for (const [number, { owner }] of peers.entries()) {
    const bytes = Buffer.alloc(blockCount * 16_384)
    for (let receivedBytes = 0; receivedBytes < bytes.length; ) {
      const part = (await owner.messages.next()) as BlockPart
      assert.equal(part.index, number)
      bytes.set(part.bytes, part.begin + part.offset)
      receivedBytes += part.bytes.length
    }
    assert.ok(bytes.equals(payloadBytes(number * 1_000_000, bytes.length)))
  }
})

test('the first bytes of an encrypted call never look like BitTorrent', TIMEOUT, async (t) => {
  const server = await servePeer(t)
  dialSession(t, server.address, { payloadCiphers: ['rc4'] })
  const remote = await server.sockets.next()
  const heard: Buffer[] = []
  remote.on('data', (bytes) => heard.push(Buffer.from(bytes)))
  const end = await EncryptedEnd.answer(remote)
  await end.read(68)
  const line = Buffer.concat(heard)
  assert.equal(line.includes('BitTorrent'), false)
  assert.equal(line.includes(Buffer.from(INFO_HASH)), false)
})

async function faultAfter(
  t: TestContext,
  payloadCiphers: readonly PayloadCipher[] | undefined,
  answer: (remote: Socket) => void,
): Promise<readonly [code: string, wasTurnedAway: boolean]> {
  const server = await servePeer(t)
  const { session, owner } = dialSession(t, server.address, { payloadCiphers })
  const remote = await server.sockets.next()
  answer(remote)
  const error = await owner.closings.next()
  assert.ok(error instanceof PeerError, String(error))
  return [error.code, session.wasTurnedAway]
}

test(
  'a peer that ends the connection before its handshake has turned us away, however we came',
  TIMEOUT,
  async (t) => {
    for (const ciphers of [undefined, ['plain', 'rc4']] as const) {
      const end = (remote: Socket) => void remote.resume().end()
      const reset = (remote: Socket) => void once(remote, 'data').then(() => remote.resetAndDestroy())
      assert.deepEqual(await faultAfter(t, ciphers, end), ['CLOSED', true])
      assert.deepEqual(await faultAfter(t, ciphers, reset), ['CLOSED', true])
    }
  },
)

test('a peer that answers an encrypted call with anything else has turned us away', TIMEOUT, async (t) => {
  const answers = [
    Buffer.concat([handshakeBytes(), Buffer.alloc(600, 1)]),
    Buffer.alloc(96),
    Buffer.alloc(96, 0xff),
    payloadBytes(0, 100_000),
  ]
  for (const answer of answers) {
    const fault = await faultAfter(t, ['plain', 'rc4'], (remote) => void remote.write(answer))
    assert.deepEqual(fault, ['BAD_HANDSHAKE', true])
  }
})

test('a peer that leaves after its handshake has not turned us away', TIMEOUT, async (t) => {
  const open = await dialled(t, 'rc4')
  open.end.write(handshakeBytes())
  await open.owner.handshakes.next()
  open.end.socket.destroy()
  await open.owner.closings.next()
  assert.equal(open.session.wasTurnedAway, false)
})

test('an encrypted handshake that drips gets no longer than one that is silent', TIMEOUT, async (t) => {
  const server = await servePeer(t)
  const { session, owner, clock } = dialSession(t, server.address, { payloadCiphers: ['rc4'] })
  const remote = await server.sockets.next()
  await once(remote, 'data')
  for (let at = 0; at < 3; at++) {
    const { heardMs } = session
    clock.pass(4_000)
    remote.write(Buffer.of(0x5a))
    while (session.phase !== 'closed' && session.heardMs === heardMs) await setImmediate()
    session.tick(clock.now())
  }
  assert.equal((owner.closings.all[0] as PeerError | undefined)?.code, 'HANDSHAKE_TIMEOUT')
})
