import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock, systemRandom } from '../../src/core/clock.js'

test('the clock of the system does not go back', () => {
  let before = systemClock.now()
  for (let count = 0; count < 10_000; count++) {
    const now = systemClock.now()
    assert.ok(now >= before)
    before = now
  }
})

test('the dice of the system stay within [0, 1) and do not stick', () => {
  const rolls = Array.from({ length: 1_000 }, systemRandom)
  assert.ok(rolls.every((roll) => roll >= 0 && roll < 1))
  assert.ok(new Set(rolls).size > 900)
})
