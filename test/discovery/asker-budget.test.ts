import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LIMITS } from '../../src/config.js'
import { AskerBudget } from '../../src/discovery/asker-budget.js'

const BURST = 4 * LIMITS.dhtQuestionsPerSecondOfOne

function admitted(budget: AskerBudget, host: (at: number) => string, count: number, nowMs = 0): number {
  return Array.from({ length: count }, (_, at) => budget.admit(host(at), nowMs)).filter(Boolean).length
}

test('one address is heard so often, and again when time has passed', () => {
  const budget = new AskerBudget(0)
  assert.equal(
    admitted(budget, () => '1.1.1.1', 1_000),
    BURST,
  )
  assert.ok(budget.admit('8.8.8.8', 0))
  assert.equal(
    admitted(budget, () => '1.1.1.1', 1_000, 1_000),
    LIMITS.dhtQuestionsPerSecondOfOne,
  )
})

test('one on a network of ours is heard more often, and leaves something to the others', () => {
  for (const host of ['127.0.0.1', '10.0.0.1']) {
    const budget = new AskerBudget(0)
    const count = admitted(budget, () => host, 5_000)
    assert.equal(count, 4 * LIMITS.dhtQuestionsPerSecondOfNeighbour)
    assert.ok(budget.admit('8.8.8.8', 0))
  }
})

test('all addresses together are heard so often, however many are made up', () => {
  const budget = new AskerBudget(0)
  const count = admitted(budget, (at) => `10.0.${at >> 8}.${at & 255}`, 5_000)
  assert.equal(count, 4 * LIMITS.dhtQuestionsPerSecond)
})
