import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { PeerError } from '../../src/core/errors.js'
import { MessageStream } from '../../src/peer/message-stream.js'
import type { Message } from '../../src/wire/messages.js'
import { payloadBytes } from '../kit/payload.js'
import { blockFrame, frame, handshakeBytes, uint32 } from '../kit/wire-bytes.js'

function listenTo(stream: MessageStream): Message[] {
  const heard: Message[] = []
  stream.on('data', (messages: Message[]) => {
    for (const message of messages) {
      heard.push(message.type === 'block' ? { ...message, bytes: Uint8Array.from(message.bytes) } : message)
    }
  })
  return heard
}

test('every byte has been consumed when write returns, so that the next read may overwrite it', () => {
  const stream = new MessageStream(1024 * 1024)
  const heard = listenTo(stream)
  const wire = Buffer.concat([handshakeBytes(), blockFrame(1, 0, payloadBytes(0, 16_384)), frame(1)])
  const memory = Buffer.alloc(256 * 1024)
  for (let at = 0; at < wire.length; at += 5_000) {
    const length = wire.copy(memory, 0, at, at + 5_000)
    assert.ok(stream.write(memory.subarray(0, length)), 'it never asks to wait')
    memory.fill(0xee)
  }
  const parts = heard.flatMap((message) => (message.type === 'block' ? [message.bytes] : []))
  assert.ok(Buffer.concat(parts).equals(payloadBytes(0, 16_384)))
  assert.deepEqual([heard[0]?.type, heard.at(-1)?.type], ['handshake', 'unchoke'])
})

test('a read of the largest size is taken without waiting', () => {
  const stream = new MessageStream(1024 * 1024)
  listenTo(stream)
  assert.ok(stream.write(handshakeBytes()))
  for (let count = 0; count < 20; count++) assert.ok(stream.write(Buffer.alloc(256 * 1024)))
})

test('bytes that are no messages come out as the error of the stream', async () => {
  const stream = new MessageStream(1024)
  listenTo(stream)
  const failure = once(stream, 'error')
  stream.write(Buffer.concat([handshakeBytes(), uint32(1025)]))
  const [error] = await failure
  assert.ok(error instanceof PeerError && error.code === 'FRAME_TOO_LONG')
  assert.ok(stream.destroyed)
})

test('what a listener throws comes out as the error of the stream', async () => {
  const stream = new MessageStream(1024)
  const reason = new PeerError('USELESS', 'enough')
  stream.on('data', () => {
    throw reason
  })
  const failure = once(stream, 'error')
  stream.write(handshakeBytes())
  assert.deepEqual(await failure, [reason])
})
