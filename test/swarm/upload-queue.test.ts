import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { BLOCK_BYTES } from '../../src/core/geometry.js'
import { UploadQueue } from '../../src/swarm/upload-queue.js'
import type { BlockRequest } from '../../src/wire/messages.js'

const block = (index: number, place: number): BlockRequest => ({
  index,
  begin: place * BLOCK_BYTES,
  length: BLOCK_BYTES,
})
const isWhole = ({ length }: BlockRequest) => length === BLOCK_BYTES

test('requests leave in the order in which they came, and none is lost or doubled', () => {
  const requests = fc.array(fc.tuple(fc.nat(2), fc.nat(5)), { maxLength: 60 })
  fc.assert(
    fc.property(requests, fc.integer({ min: 1, max: 8 }), (places, mostCount) => {
      const queue = new UploadQueue(1_000)
      const asked = places.map(([index, place]) => block(index, place))
      for (const request of asked) assert.ok(queue.push(request))
      const served: BlockRequest[] = []
      for (let first = queue.peek(); first !== undefined; first = queue.peek()) {
        const { count } = queue.takeConsecutive(6 * BLOCK_BYTES, mostCount, isWhole)
        for (let at = 0; at < count; at++) served.push(block(first.index, first.begin / BLOCK_BYTES + at))
      }
      assert.deepEqual(served, asked)
    }),
  )
})

test('a stretch ends with its image, with another piece, and before what is no whole block', () => {
  const queue = new UploadQueue(10)
  for (const request of [block(0, 14), block(0, 15), block(0, 16), block(1, 17)]) queue.push(request)
  assert.equal(queue.takeConsecutive(16 * BLOCK_BYTES, 9, isWhole).count, 2)
  assert.equal(queue.takeConsecutive(32 * BLOCK_BYTES, 9, isWhole).count, 1)
  queue.push({ index: 1, begin: 18 * BLOCK_BYTES, length: 5 })
  assert.equal(queue.takeConsecutive(32 * BLOCK_BYTES, 9, isWhole).count, 1)
  assert.equal(queue.shift()?.length, 5)
  assert.equal(queue.shift(), undefined)
})

test('a full queue takes no more, and a cancelled request leaves room', () => {
  const queue = new UploadQueue(2)
  assert.ok(queue.push(block(0, 0)))
  assert.ok(queue.push(block(0, 1)))
  assert.equal(queue.push(block(0, 2)), false)
  queue.cancel(block(0, 1))
  queue.cancel(block(9, 9))
  assert.ok(queue.push(block(0, 2)))
  assert.equal(queue.length, 2)
  queue.clear()
  assert.equal(queue.peek(), undefined)
})

test('a queue that is used for long forgets what it has served', () => {
  const queue = new UploadQueue(4)
  for (let at = 0; at < 5_000; at++) {
    assert.ok(queue.push(block(0, at)))
    assert.equal(queue.shift()?.begin, at * BLOCK_BYTES)
  }
  assert.equal(queue.length, 0)
})
