import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import { ShardLink, type ShardMessage } from '../../../src/tracker-server/shards/shard-link.js'
import { PairedStream } from './paired-streams.js'

const fields = {
  kind: fc.nat({ max: 3 }),
  to: fc.nat({ max: 63 }),
  from: fc.nat({ max: 63 }),
  code: fc.nat({ max: 255 }),
  number: fc.integer(),
  body: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
}
const message = fc.record(fields, { noNullPrototype: true })

/** What the other end receives of these messages. */
async function received(
  messages: readonly ShardMessage[],
  partBytes = Number.POSITIVE_INFINITY,
): Promise<ShardMessage[]> {
  const [here, there] = PairedStream.pair({ partBytes })
  const arrived: ShardMessage[] = []
  const link = new ShardLink(here, () => {})
  const all = new Promise<void>((resolve) => {
    new ShardLink(there, (one) => {
      if (arrived.push(one) === messages.length) resolve()
    })
  })
  for (const { body, ...head } of messages) link.send(head, body)
  if (messages.length > 0) await all
  return arrived
}

test('messages arrive as they were sent, in order, however the stream is cut', async () => {
  const cut = fc.oneof(fc.integer({ min: 1, max: 50 }), fc.constant(Number.POSITIVE_INFINITY))
  await fc.assert(
    fc.asyncProperty(fc.array(message, { maxLength: 30 }), cut, async (messages, partBytes) => {
      assert.deepEqual(await received(messages, partBytes), messages)
    }),
    { numRuns: 50 },
  )
})

test('messages larger than a piece go between small ones', async () => {
  const sizes = [1, 100_000, 0, 48 * 1024, 48 * 1024 - 16, 48 * 1024 - 15, 5, 3_000_000, 7]
  const messages = sizes.map((size, number) => {
    return { kind: 1, to: 1, from: 0, code: 2, number, body: Buffer.alloc(size, number) }
  })
  assert.deepEqual(await received(messages, 65_536), messages)
})

test('what is sent in one turn of the loop crosses in one piece', async () => {
  const [here, there] = PairedStream.pair()
  const pieces: Buffer[] = []
  there.on('data', (piece: Buffer) => pieces.push(piece))
  const link = new ShardLink(here, () => {})
  for (let number = 0; number < 100; number++) {
    link.send({ kind: 0, to: 1, from: 0, code: 0, number }, Buffer.alloc(98))
  }
  await setImmediate()
  await setImmediate()
  assert.deepEqual(
    pieces.map(({ length }) => length),
    [4 + 100 * (12 + 98)],
  )
})

test('what the other side has not taken counts as waiting', async () => {
  const [here] = PairedStream.pair({ isHeld: true })
  const link = new ShardLink(here, () => {})
  const head = { kind: 0, to: 1, from: 0, code: 0, number: 0 }
  for (let sent = 0; sent < 10; sent++) link.send(head, Buffer.alloc(40_000))
  assert.ok(link.waitingBytes > 400_000)
  here.release()
  await setImmediate()
  await setImmediate()
  assert.ok(link.waitingBytes < 100)
})
