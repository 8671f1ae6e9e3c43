import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { BLOCK_BYTES } from '../../src/core/geometry.js'
import { RequestWindow } from '../../src/swarm/request-window.js'

const LIMITS = { reqq: 250, requestMinMs: 20_000, requestMaxMs: 60_000 }

function fill(window: RequestWindow, nowMs: number, firstKey: number): number {
  let key = firstKey
  while (window.room > 0) window.sent(key++, nowMs)
  return key
}

test('no more is ever outstanding than the peer queues, whatever happens', () => {
  const steps = fc.array(
    fc.tuple(fc.constantFrom('fill', 'fill', 'receive', 'receive', 'forget', 'tick', 'overdue'), fc.nat(500)),
    { maxLength: 150 },
  )
  fc.assert(
    fc.property(fc.constantFrom(1, 2, 7, 250, 2_000), steps, (reqq, taken) => {
      const window = new RequestWindow(LIMITS, 0)
      window.reqq = reqq
      let nowMs = 0
      let key = 0
      for (const [kind, amount] of taken) {
        const first = window.keys().next().value
        if (kind === 'fill') key = fill(window, nowMs, key)
        else if (kind === 'receive' && first !== undefined) window.received(first, BLOCK_BYTES, nowMs)
        else if (kind === 'forget' && first !== undefined) window.forget(first)
        else if (kind === 'overdue')
          for (const late of window.takeOverdue(nowMs)) assert.ok(window.expects(late))
        else if (kind === 'tick') window.tick(nowMs)
        nowMs += kind === 'tick' ? amount * 100 : 1
        assert.ok(window.outstandingCount <= reqq)
        assert.equal(window.outstandingCount, [...window.keys()].length)
        assert.ok(window.room >= 0 && window.blocks >= 1 && window.blocks <= reqq)
        if (window.outstandingCount === 0)
          assert.ok(window.room > 0, 'a peer can always be asked for something')
      }
    }),
    { numRuns: 300 },
  )
})

test('the window doubles with each round trip while the pipe has room', () => {
  const window = new RequestWindow(LIMITS, 0)
  let key = 0
  let nowMs = 0
  const sizes: number[] = []
  for (let round = 0; round < 4; round++) {
    const next = fill(window, nowMs, key)
    sizes.push(next - key)
    nowMs += 50
    for (; key < next; key++) assert.ok(window.received(key, BLOCK_BYTES, nowMs))
  }
  assert.deepEqual(sizes, [8, 16, 32, 64])
})

test('a steady peer gets about what it delivers in two round trips and our own delay', () => {
  const window = new RequestWindow(LIMITS, 0)
  const bytesPerMs = 1_000
  const delayMs = 100
  const answers: { readonly key: number; readonly atMs: number }[] = []
  let key = 0
  let freeMs = 0
  for (let nowMs = 0; nowMs < 10_000; nowMs++) {
    while (window.room > 0) {
      window.sent(key, nowMs)
      freeMs = Math.max(freeMs, nowMs + delayMs) + BLOCK_BYTES / bytesPerMs
      answers.push({ key: key++, atMs: freeMs })
    }
    while (answers.length > 0 && answers[0]!.atMs <= nowMs) {
      window.received(answers.shift()!.key, BLOCK_BYTES, nowMs)
    }
    if (nowMs % 500 === 0) window.tick(nowMs)
  }
  const pipeBlocks = (bytesPerMs * delayMs) / BLOCK_BYTES
  assert.ok(window.blocks >= pipeBlocks, `${window.blocks} keep the pipe full`)
  assert.ok(window.blocks <= 8 * pipeBlocks, `${window.blocks} are not far too many`)
  assert.ok(
    Math.abs(window.bytesPerSecond / 1_000 / bytesPerMs - 1) < 0.1,
    `${window.bytesPerSecond} per second`,
  )
})

test('a request is overdue after its time, the others are not, and it may still come', () => {
  const window = new RequestWindow(LIMITS, 0)
  window.sent(1, 0)
  window.sent(2, 5_000)
  assert.deepEqual([...window.takeOverdue(19_999)], [])
  assert.deepEqual([...window.takeOverdue(20_000)], [1])
  assert.equal(window.isOutstanding(1), false)
  assert.ok(window.expects(1))
  assert.ok(window.isOutstanding(2))
  assert.deepEqual([...window.takeOverdue(20_000)], [])
})

test('a slow peer that owes much is given longer, but not for ever', () => {
  const window = new RequestWindow(LIMITS, 0)
  let key = 0
  for (; key < 8; key++) window.sent(key, 0)
  window.received(0, BLOCK_BYTES, 900)
  window.tick(1_000)
  window.tick(8_000)
  window.tick(16_000)
  assert.deepEqual([...window.takeOverdue(59_999)], [])
  assert.equal([...window.takeOverdue(60_000)].length, 7)
})

test('a peer that lets requests time out is snubbed: one request at a time, until it delivers', () => {
  const window = new RequestWindow(LIMITS, 0)
  const key = fill(window, 0, 0)
  assert.equal([...window.takeOverdue(20_000)].length, key)
  assert.ok(window.isSnubbed)
  assert.equal(window.room, 1)
  window.sent(key, 20_000)
  assert.equal(window.room, 0)
  assert.equal(window.received(0, BLOCK_BYTES, 20_500), false, 'a late block answers nothing')
  assert.equal(window.isSnubbed, false)
  assert.ok(window.room > 0)
})

test('a snubbed peer rests, longer each time, so that others can take what it let go', () => {
  const window = new RequestWindow(LIMITS, 0)
  let nowMs = 0
  const rests: number[] = []
  for (let key = 0; key < 8; key++) {
    window.sent(key, nowMs)
    nowMs += 20_000
    assert.deepEqual([...window.takeOverdue(nowMs)], [key])
    const fromMs = nowMs
    while (window.isResting(nowMs)) nowMs += 500
    rests.push(nowMs - fromMs)
  }
  assert.deepEqual(rests, [2_000, 4_000, 8_000, 16_000, 32_000, 32_000, 32_000, 32_000])
  window.sent(8, nowMs)
  window.received(8, BLOCK_BYTES, nowMs)
  assert.equal(window.isResting(nowMs), false)
})

test('a peer that falls silent is asked for one block more now and then: it may have lost requests', () => {
  const window = new RequestWindow(LIMITS, 0)
  let key = fill(window, 0, 0)
  window.tick(4_999)
  assert.equal(window.room, 0)
  for (const nowMs of [5_000, 10_000]) {
    window.tick(nowMs)
    assert.equal(window.room, 1)
    assert.ok(window.wantsRefill)
    key = fill(window, nowMs, key)
    assert.equal(window.room, 0)
  }
  window.reqq = key
  window.tick(15_000)
  assert.equal(window.room, 0)
})

test('what was asked for long before something that has come is lost, and nobody is snubbed for it', () => {
  const window = new RequestWindow(LIMITS, 0)
  const next = fill(window, 0, 0)
  for (let key = 2; key < next; key++) window.received(key, BLOCK_BYTES, 100)
  window.tick(5_100)
  window.sent(next, 5_100)
  assert.deepEqual([...window.takeOverdue(5_200)], [])
  window.received(next, BLOCK_BYTES, 5_200)
  assert.deepEqual([...window.takeOverdue(5_200)], [0, 1])
  assert.equal(window.isSnubbed, false)
  assert.ok(window.expects(0))
})

test('what is forgotten may come, and what never was asked for may not', () => {
  const window = new RequestWindow(LIMITS, 0)
  window.sent(1, 0)
  window.forget(1)
  assert.ok(window.expects(1))
  assert.equal(window.expects(2), false)
  assert.equal(window.received(1, BLOCK_BYTES, 1), false)
  assert.equal(window.expects(1), false, 'only once')
})

test('late blocks are remembered up to a bound, the newest of them', () => {
  const window = new RequestWindow({ ...LIMITS, reqq: 10 }, 0)
  for (let key = 0; key < 1_000; key++) {
    window.sent(key, 0)
    window.forget(key)
  }
  const expected = Array.from({ length: 1_000 }, (_, key) => key).filter((key) => window.expects(key))
  assert.deepEqual(expected, [990, 991, 992, 993, 994, 995, 996, 997, 998, 999])
})

test('all that a peer with a long queue let go at once may still come', () => {
  const window = new RequestWindow(LIMITS, 0)
  window.reqq = 2_000
  const keys = Array.from({ length: 2_000 }, (_, key) => key)
  for (const key of keys) window.sent(key, 0)
  for (const key of keys) window.forget(key)
  assert.ok(keys.every((key) => window.expects(key)))
})

test('a refill is worth a write when a quarter of the window is free', () => {
  const window = new RequestWindow(LIMITS, 0)
  assert.ok(window.wantsRefill)
  fill(window, 0, 0)
  assert.equal(window.wantsRefill, false)
  window.forget(0)
  assert.equal(window.wantsRefill, false)
  window.forget(1)
  assert.ok(window.wantsRefill)
})
