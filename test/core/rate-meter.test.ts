import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { RateMeter } from '../../src/core/rate-meter.js'

test('a steady flow has its rate, however often one looks', () => {
  for (const stepMs of [1, 100, 500, 7_000]) {
    const meter = new RateMeter(5_000)
    for (let nowMs = 0; nowMs <= 21_000; nowMs += stepMs) meter.look(nowMs * 3, nowMs)
    assert.equal(meter.perSecond, 3_000)
  }
})

test('what is longer ago than the window does not count', () => {
  const meter = new RateMeter(5_000)
  for (let nowMs = 0; nowMs <= 10_000; nowMs += 500) meter.look(1_000_000, nowMs)
  for (let nowMs = 10_500; nowMs <= 15_000; nowMs += 500) meter.look(1_000_000 + nowMs - 10_000, nowMs)
  assert.equal(meter.perSecond, 1_000)
})

test('a flow that stops fades to nothing within the window', () => {
  const meter = new RateMeter(5_000)
  for (let nowMs = 0; nowMs <= 5_000; nowMs += 500) meter.look(nowMs, nowMs)
  meter.look(5_000, 7_500)
  assert.ok(meter.perSecond > 0 && meter.perSecond < 1_000)
  for (let nowMs = 8_000; nowMs <= 10_500; nowMs += 500) meter.look(5_000, nowMs)
  assert.equal(meter.perSecond, 0)
})

test('before two looks at different times there is no rate', () => {
  const meter = new RateMeter(5_000)
  assert.equal(meter.perSecond, 0)
  meter.look(5, 100)
  meter.look(900, 100)
  assert.equal(meter.perSecond, 0)
})

test('it lies between the slowest and the fastest of what it averages', () => {
  const gains = fc.array(fc.tuple(fc.integer({ min: 1, max: 2_000 }), fc.nat(10_000)), { minLength: 1 })
  fc.assert(
    fc.property(gains, (steps) => {
      const meter = new RateMeter(5_000)
      meter.look(0, 0)
      let [nowMs, total] = [0, 0]
      const rates: number[] = []
      for (const [ms, gain] of steps) {
        nowMs += ms
        total += gain
        rates.push((gain * 1_000) / ms)
        meter.look(total, nowMs)
        assert.ok(
          meter.perSecond >= Math.min(...rates) - 1e-6 && meter.perSecond <= Math.max(...rates) + 1e-6,
        )
      }
    }),
  )
})
