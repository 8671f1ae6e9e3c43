import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LIMITS } from '../../src/config.js'
import { QuestionBudget } from '../../src/discovery/question-budget.js'

const taken = (budget: QuestionBudget, undertaking: { q: string }, host: (at: number) => string) =>
  Array.from({ length: 1_000 }, (_, at) => budget.take(undertaking, host(at))).filter(Boolean).length

test('one look-up asks so many nodes, and the next one as many', () => {
  const budget = new QuestionBudget()
  const everywhere = (at: number) => `8.8.${at >> 8}.${at & 255}`
  assert.equal(taken(budget, { q: 'get_peers' }, everywhere), LIMITS.dhtQuestionsPerLookup)
  assert.equal(taken(budget, { q: 'get_peers' }, everywhere), LIMITS.dhtQuestionsPerLookup)
  assert.equal(taken(budget, { q: 'announce_peer' }, everywhere), LIMITS.dhtAnnounces)
})

test('a public address is asked few times by one look-up, and one of our own networks as often as need be', () => {
  const budget = new QuestionBudget()
  const lookup = { q: 'get_peers' }
  assert.equal(
    taken(budget, lookup, () => '8.8.8.8'),
    LIMITS.dhtQuestionsPerHost,
  )
  assert.ok(budget.take(lookup, '1.1.1.1'))
  assert.ok(taken(budget, lookup, () => '127.0.0.1') > LIMITS.dhtQuestionsPerHost)
})
