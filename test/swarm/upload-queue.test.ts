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

test('requests leave in the order in which they came, and none is lost or doubled', () => {
  const places = fc.array(fc.tuple(fc.nat(2), fc.nat(5)), { maxLength: 60 })
  fc.assert(
    fc.property(places, fc.integer({ min: 1, max: 8 }), (asked, mostCount) => {
      const queue = new UploadQueue(1_000)
      const requests = asked.map(([index, place]) => block(index, place))
      for (const request of requests) assert.ok(queue.push(request))
      const served: BlockRequest[] = []
      while (queue.length > 0) {
        const next = queue.first(mostCount)
        assert.deepEqual(
          next,
          next.map((_, nth) => queue.peek(nth)),
        )
        served.push(...next)
        queue.serve(next.length)
      }
      assert.deepEqual(served, requests)
      assert.equal(queue.peek(), undefined)
    }),
  )
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
  assert.deepEqual(
    queue.keepOnly(({ begin }) => begin > 0).map(({ begin }) => begin),
    [0],
  )
  assert.equal(queue.peek()?.begin, 2 * BLOCK_BYTES)
})

test('a queue that is used for long forgets what it has served', () => {
  const queue = new UploadQueue(4)
  for (let at = 0; at < 5_000; at++) {
    assert.ok(queue.push(block(0, at)))
    assert.equal(queue.peek()?.begin, at * BLOCK_BYTES)
    queue.serve(1)
  }
  assert.equal(queue.length, 0)
})
