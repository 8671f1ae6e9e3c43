import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { chooseUnchoked, TURN_MS, type UploadCandidate } from '../../src/swarm/choker.js'

const candidates = fc.uniqueArray(
  fc.record({
    number: fc.nat(1000),
    bytesPerSecond: fc.nat(1_000_000),
    unchokedMs: fc.oneof(fc.constant(Number.NEGATIVE_INFINITY), fc.nat(100_000)),
    isUnchoked: fc.boolean(),
  }),
  { selector: ({ number }) => number, maxLength: 40 },
)

function peer(
  number: number,
  bytesPerSecond: number,
  unchokedMs = Number.NEGATIVE_INFINITY,
): UploadCandidate {
  return { number, bytesPerSecond, unchokedMs, isUnchoked: unchokedMs > Number.NEGATIVE_INFINITY }
}

test('every place is taken and no more, whoever is there', () => {
  fc.assert(
    fc.property(candidates, fc.nat(30), fc.boolean(), (candidates, slots, isSeeding) => {
      const chosen = chooseUnchoked({ candidates, slots, isSeeding, nowMs: 200_000, random: () => 0.5 })
      assert.equal(chosen.size, Math.min(slots, candidates.length))
      for (const number of chosen) assert.ok(candidates.some((candidate) => candidate.number === number))
    }),
  )
})

test('while downloading, all places but one go to those that give most', () => {
  const candidates = [10, 50, 20, 40, 30].map((rate, number) => peer(number, rate))
  const chosen = chooseUnchoked({ candidates, slots: 3, isSeeding: false, nowMs: 0, random: () => 0 })
  assert.ok(chosen.has(1) && chosen.has(3))
  assert.equal(chosen.size, 3)
})

test('the place by turns stays with its peer until the turn is over', () => {
  const candidates = [peer(0, 100), peer(1, 0, 1_000), peer(2, 0)]
  const round = { candidates, slots: 2, isSeeding: false, random: () => 0 }
  assert.deepEqual([...chooseUnchoked({ ...round, nowMs: 1_000 + TURN_MS - 1 })].sort(), [0, 1])
  assert.deepEqual([...chooseUnchoked({ ...round, nowMs: 1_000 + TURN_MS })].sort(), [0, 2])
})

test('while seeding, everybody has had a turn before anybody has two', () => {
  const lastMs = new Map<number, number>()
  const served = new Map<number, number>()
  let unchoked: ReadonlySet<number> = new Set()
  for (let nowMs = 0; nowMs < 10 * TURN_MS; nowMs += 10_000) {
    const candidates = Array.from({ length: 12 }, (_, number) => ({
      number,
      bytesPerSecond: 0,
      unchokedMs: lastMs.get(number) ?? Number.NEGATIVE_INFINITY,
      isUnchoked: unchoked.has(number),
    }))
    const chosen = chooseUnchoked({ candidates, slots: 4, isSeeding: true, nowMs, random: () => 0.3 })
    for (const number of chosen) {
      if (unchoked.has(number)) continue
      lastMs.set(number, nowMs)
      served.set(number, (served.get(number) ?? 0) + 1)
    }
    unchoked = chosen
  }
  assert.equal(served.size, 12)
})
