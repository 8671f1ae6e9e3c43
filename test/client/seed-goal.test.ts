import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isSeeded, SeedingTime } from '../../src/client/seed-goal.js'

const FACTS = { uploadedBytes: 300, totalBytes: 100, seedingMs: 5_000 }
const { POSITIVE_INFINITY: NEVER } = Number

test('whichever of ratio and time is reached first ends the seeding', () => {
  assert.equal(isSeeded({ ratio: NEVER, timeMs: NEVER }, FACTS), false)
  assert.equal(isSeeded({ ratio: 3, timeMs: NEVER }, FACTS), true)
  assert.equal(isSeeded({ ratio: 3.01, timeMs: 5_001 }, FACTS), false)
  assert.equal(isSeeded({ ratio: 3.01, timeMs: 5_000 }, FACTS), true)
})

test('time spent in a pause does not count, and time before it is not forgotten', () => {
  const time = new SeedingTime()
  time.begin(1_000)
  assert.equal(time.spend(1_250), 250)
  assert.equal(time.spend(1_500), 500)
  // A pause of an hour.
  time.begin(3_601_500)
  assert.equal(time.spend(3_601_750), 750)
})
