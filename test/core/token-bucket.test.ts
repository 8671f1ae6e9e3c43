import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { TokenBucket } from '../../src/core/token-bucket.js'

test('whoever takes what is available never gets more than the burst and the rate allow', () => {
  const waits = fc.array(fc.tuple(fc.nat(3_000), fc.double({ min: 0, max: 1, noNaN: true })), {
    maxLength: 100,
  })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.nat(100_000), waits, (perSecond, burst, turns) => {
      const bucket = new TokenBucket(perSecond, burst, 500)
      let nowMs = 500
      let taken = 0
      for (const [waitMs, share] of turns) {
        nowMs += waitMs
        const available = bucket.available(nowMs)
        assert.ok(Number.isInteger(available) && available >= 0 && available <= burst)
        const count = Math.floor(available * share)
        bucket.take(count)
        taken += count
        assert.ok(taken <= burst + (perSecond * (nowMs - 500)) / 1_000 + 1e-3)
      }
    }),
  )
})

test('tokens trickle in at the rate, however often one looks', () => {
  for (const stepMs of [1, 7, 100, 1_000]) {
    const bucket = new TokenBucket(1_000, 5_000, 0)
    bucket.take(5_000)
    for (let nowMs = 0; nowMs <= 2_000; nowMs += stepMs) bucket.available(nowMs)
    assert.ok(Math.abs(bucket.available(2_000) - 2_000) <= 1)
  }
})

test('it starts full, and whoever takes more than there is has to wait until that is paid back', () => {
  const bucket = new TokenBucket(1_000, 300, 0)
  assert.equal(bucket.available(0), 300)
  bucket.take(1_000)
  assert.equal(bucket.available(0), 0)
  assert.equal(bucket.available(700), 0)
  assert.equal(bucket.available(800), 100)
})

test('an infinite rate is no limit', () => {
  const bucket = new TokenBucket(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0)
  bucket.take(1e12)
  assert.equal(bucket.available(0), Number.POSITIVE_INFINITY)
})
