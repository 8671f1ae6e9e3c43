import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { SendQueue } from '../../src/peer/send-queue.js'
import { Rc4 } from '../../src/wire/rc4.js'
import { read, servePeer } from '../kit/peer-server.js'

const KIB = 1024
/** Does not divide the megabyte that may wait: some room is left when one more does not fit. */
const PUSH_BYTES = 60_000

interface Pair {
  readonly queue: SendQueue
  readonly socket: Socket
  readonly remote: Socket
  /** How often the queue said that there is room again. */
  readonly roomCount: () => number
}

async function connectPair(t: TestContext): Promise<Pair> {
  const server = await servePeer(t)
  const socket = connect({ host: server.address.host, port: server.address.port })
  t.after(() => socket.destroy())
  let count = 0
  const queue = new SendQueue(socket, () => count++)
  await once(socket, 'connect')
  return { queue, socket, remote: await server.sockets.next(), roomCount: () => count }
}

/** As many bytes as the system takes for a peer that does not read, and then some that must wait. */
async function clog({ queue, socket }: Pair): Promise<number> {
  let sentBytes = 0
  for (;;) {
    assert.ok(queue.push(Buffer.alloc(PUSH_BYTES, 1)))
    sentBytes += PUSH_BYTES
    await setImmediate()
    for (let turn = 0; turn < 20 && socket.writableNeedDrain; turn++) await setImmediate()
    if (socket.writableNeedDrain) return sentBytes
  }
}

test('blocks that are sent at once come after all messages that were queued before', async (t) => {
  const { queue, remote } = await connectPair(t)
  for (const fill of [1, 2, 3]) queue.push(Buffer.alloc(20 * KIB, fill))
  let isSent = false
  queue.sendNow(Buffer.alloc(20 * KIB, 4), () => {
    isSent = true
  })
  queue.push(Buffer.alloc(20 * KIB, 5))
  const bytes = await read(remote, 100 * KIB)
  assert.deepEqual(
    [0, 1, 2, 3, 4].map((at) => bytes[at * 20 * KIB]),
    [1, 2, 3, 4, 5],
  )
  assert.ok(isSent)
})

test('at most a megabyte waits for a peer that does not read; what has no room is refused', async (t) => {
  const pair = await connectPair(t)
  const { queue, remote } = pair
  let sentBytes = await clog(pair)
  for (let waitingBytes = 0; queue.push(Buffer.alloc(PUSH_BYTES, 2)); waitingBytes += PUSH_BYTES) {
    sentBytes += PUSH_BYTES
    assert.ok(waitingBytes < 1024 * KIB)
  }
  assert.equal(queue.hasRoom, false)
  assert.ok(queue.push(Buffer.of(3)))
  const bytes = await read(remote, sentBytes + 1)
  assert.equal(bytes.at(-1), 3)
  assert.equal(bytes.indexOf(3), sentBytes)
})

test('the owner hears of it when a full socket takes bytes again', async (t) => {
  const pair = await connectPair(t)
  const sentBytes = await clog(pair)
  const { roomCount, queue, remote } = pair
  const before = roomCount()
  await read(remote, sentBytes)
  while (!queue.hasRoom) await setImmediate()
  assert.ok(roomCount() > before)
})

test('what leaves is encrypted in the order in which it leaves, and the bytes of the caller stay as they are', async (t) => {
  const { queue, remote } = await connectPair(t)
  const key = Buffer.from('a key')
  queue.encryptWith(new Rc4(key))
  const message = Buffer.from('first')
  const block = Buffer.alloc(300 * KIB, 7)
  let isSent = false
  queue.push(message)
  queue.sendNow(block, () => {
    isSent = true
  })
  queue.push(message)
  const bytes = await read(remote, 10 + block.length)
  const decrypted = Buffer.alloc(bytes.length)
  new Rc4(key).apply(bytes, decrypted)
  assert.ok(decrypted.equals(Buffer.concat([message, block, message])))
  assert.equal(bytes.includes(message), false)
  assert.equal(message.toString(), 'first')
  assert.ok(block.equals(Buffer.alloc(300 * KIB, 7)))
  assert.ok(isSent)
})
