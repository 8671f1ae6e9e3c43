import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { dial } from '../../src/peer/dial.js'
import type { BlockPart } from '../../src/wire/messages.js'
import { payloadBytes } from '../kit/payload.js'
import { dialSession, type RecordingOwner, read, servePeer } from '../kit/peer-server.js'
import { blockFrame, handshakeBytes } from '../kit/wire-bytes.js'

const BLOCKS = 40

test("peers that send at the same time do not get into each other's blocks", async (t) => {
  const peers = await Promise.all([0, 1, 2].map((number) => connect(t, number)))
  const streams = peers.map(({ number }) => {
    const blocks = Array.from({ length: BLOCKS }, (_, at) => {
      return blockFrame(number, at * 16_384, payloadBytes(number * 1_000_000 + at * 16_384, 16_384))
    })
    return Buffer.concat([handshakeBytes(), ...blocks])
  })
  const most = Math.max(...streams.map((stream) => stream.length))
  for (let at = 0; at < most; at += 9_973) {
    for (const [number, { remote }] of peers.entries())
      remote.write(streams[number]!.subarray(at, at + 9_973))
    await setImmediate()
  }
  for (const { number, owner } of peers) {
    const bytes = Buffer.alloc(BLOCKS * 16_384)
    for (let receivedBytes = 0; receivedBytes < bytes.length; ) {
      const part = (await owner.messages.next()) as BlockPart
      assert.equal(part.index, number)
      bytes.set(part.bytes, part.begin + part.offset)
      receivedBytes += part.bytes.length
    }
    assert.ok(bytes.equals(payloadBytes(number * 1_000_000, bytes.length)))
  }
})

async function connect(t: TestContext, number: number) {
  const server = await servePeer(t)
  const { owner }: { owner: RecordingOwner } = dialSession(t, server.address)
  const remote = await server.sockets.next()
  await read(remote, 68)
  return { number, owner, remote }
}

test('a reader that has had enough pauses the socket, and nothing is lost when it resumes', async (t) => {
  const server = await servePeer(t)
  const sent = payloadBytes(0, 4_000_000)
  const received: Buffer[] = []
  let receivedBytes = 0
  let isPaused = false
  const socket = dial(server.address, (bytes) => {
    assert.equal(isPaused, false, 'nothing comes while it is paused')
    received.push(Buffer.from(bytes))
    receivedBytes += bytes.length
    isPaused = true
    return false
  })
  t.after(() => socket.destroy())
  const remote = await server.sockets.next()
  remote.end(sent)
  while (receivedBytes < sent.length) {
    await setImmediate()
    if (!isPaused) continue
    isPaused = false
    socket.resume()
  }
  assert.ok(Buffer.concat(received).equals(sent))
  socket.resume()
  await once(socket, 'close')
})
