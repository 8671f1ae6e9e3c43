import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LIMITS } from '../../src/config.js'
import { ChatterBudget } from '../../src/swarm/chatter-budget.js'

test('all of it may be said at once, and not one message more', () => {
  const budget = new ChatterBudget(0)
  for (let count = 0; count < LIMITS.chatterMessages; count++) assert.ok(budget.spend(1, 0))
  assert.equal(budget.spend(1, 0), false)
})

test('time brings messages back, but never more than there were', () => {
  const budget = new ChatterBudget(0)
  assert.ok(budget.spend(LIMITS.chatterMessages, 0))
  assert.ok(budget.spend(LIMITS.chatterPerSecond, 1_000))
  assert.equal(budget.spend(1, 1_000), false)
  assert.ok(budget.spend(LIMITS.chatterMessages, 3_600_000))
  assert.equal(budget.spend(1, 3_600_000), false)
})

test('so do blocks', () => {
  const budget = new ChatterBudget(0)
  assert.ok(budget.spend(LIMITS.chatterMessages, 0))
  budget.earn(16)
  assert.ok(budget.spend(16, 0))
  assert.equal(budget.spend(1, 0), false)
})
