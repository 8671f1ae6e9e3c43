import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WebSeedError, type WebSeedFault } from '../../src/core/errors.js'
import { WebSeedHealth } from '../../src/swarm/web-seed-health.js'

const health = () => new WebSeedHealth(() => 0.5)
const fault = (code: WebSeedFault, retryAfterMs?: number) =>
  new WebSeedError(code, 'for a test', {}, retryAfterMs)

test('what waiting does not cure ends it at once', () => {
  const lasting = ['NOT_FOUND', 'NO_RANGES', 'WRONG_LENGTH', 'CORRUPT_PIECE', 'FORBIDDEN_ADDRESS'] as const
  for (const code of lasting) {
    const tested = health()
    tested.failed(fault(code), 0)
    assert.ok(tested.isDropped && tested.isGone && !tested.mayBeAsked(1e9), code)
  }
})

test('each failure doubles the wait, and what is delivered ends it', () => {
  const tested = health()
  let nowMs = 0
  for (const waitMs of [2_000, 4_000, 8_000, 16_000]) {
    tested.failed(fault('UNREACHABLE'), nowMs)
    nowMs += waitMs
    assert.deepEqual([tested.mayBeAsked(nowMs - 1), tested.mayBeAsked(nowMs)], [false, true])
    assert.equal(tested.isGone, false)
  }
  tested.delivered()
  tested.failed(fault('CUT_SHORT'), nowMs)
  assert.ok(tested.mayBeAsked(nowMs + 2_000))
})

test('it counts as gone after five failures in a row, but is still asked now and then', () => {
  const tested = health()
  for (let count = 0; count < 20; count++) tested.failed(fault('TIMEOUT'), count * 300_000)
  assert.ok(tested.isGone && !tested.isDropped)
  assert.deepEqual([tested.mayBeAsked(5_999_000), tested.mayBeAsked(6_000_000)], [false, true])
})

test('connections that break together are one failure', () => {
  const tested = health()
  for (let count = 0; count < 8; count++) tested.failed(fault('CUT_SHORT'), 0)
  assert.equal(tested.isGone, false)
  assert.deepEqual([tested.mayBeAsked(1_999), tested.mayBeAsked(2_000)], [false, true])
})

test('a server says itself when it wants to be asked again', () => {
  const tested = health()
  tested.failed(fault('BUSY', 60_000), 1_000)
  assert.deepEqual([tested.mayBeAsked(60_999), tested.mayBeAsked(61_000)], [false, true])
})

test('a server that wants to be asked again at once is left alone for a second', () => {
  const tested = health()
  for (const nowMs of [0, 1_000, 2_000]) {
    tested.failed(fault('BUSY', 0), nowMs)
    assert.deepEqual([tested.mayBeAsked(nowMs + 999), tested.mayBeAsked(nowMs + 1_000)], [false, true])
  }
})

test('nonsense ends a web seed that was never of use, and three times in a row any', () => {
  const fresh = health()
  fresh.failed(fault('BAD_RESPONSE'), 0)
  assert.ok(fresh.isDropped)
  const proven = health()
  proven.delivered()
  proven.failed(fault('BAD_RESPONSE'), 0)
  proven.failed(fault('BAD_RESPONSE'), 10_000)
  assert.equal(proven.isDropped, false)
  proven.failed(fault('BAD_RESPONSE'), 20_000)
  assert.ok(proven.isDropped)
})
