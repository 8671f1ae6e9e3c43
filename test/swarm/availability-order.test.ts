import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { AvailabilityOrder } from '../../src/swarm/availability-order.js'
import { seededDice } from '../kit/dice.js'

const PIECES = 12

const step = fc.tuple(
  fc.constantFrom('insert', 'remove', 'increase', 'increase', 'decrease'),
  fc.nat(PIECES - 1),
)

test('it finds a rarest piece after any changes, as a plain list would', () => {
  const passing = fc.uniqueArray(fc.nat(PIECES - 1))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), passing, fc.nat(), (steps, passes, seed) => {
      const order = new AvailabilityOrder(PIECES, seededDice(seed))
      const present = new Set<number>()
      const availability = new Array<number>(PIECES).fill(0)
      for (const [change, index] of steps) {
        order[change as 'insert'](index)
        if (change === 'insert') present.add(index)
        else if (change === 'remove') present.delete(index)
        else availability[index]! = Math.max(0, availability[index]! + (change === 'increase' ? 1 : -1))
        assert.equal(order.length, present.size)
      }
      for (let index = 0; index < PIECES; index++) {
        assert.equal(order.has(index), present.has(index))
        assert.equal(order.availability(index), availability[index])
      }
      const candidates = passes.filter((index) => present.has(index))
      const place = order.find((index) => passes.includes(index))
      if (candidates.length === 0) return assert.equal(place, undefined)
      const found = order.pieceAt(place!)
      assert.ok(candidates.includes(found))
      assert.equal(availability[found], Math.min(...candidates.map((index) => availability[index]!)))
    }),
    { numRuns: 500 },
  )
})

test('it visits every piece once, the rarest first', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), fc.nat(), (steps, seed) => {
      const order = new AvailabilityOrder(PIECES, seededDice(seed))
      for (const [change, index] of steps) order[change as 'insert'](index)
      const visited: number[] = []
      order.find((index) => visited.push(index) < 0)
      assert.equal(new Set(visited).size, order.length)
      assert.equal(visited.length, order.length)
      const counts = visited.map((index) => order.availability(index))
      assert.deepEqual(
        counts,
        counts.toSorted((a, b) => a - b),
      )
    }),
  )
})

/** How often each piece comes first, over many dice. */
function firsts(prepare: (order: AvailabilityOrder) => void): number[] {
  const counts = new Array<number>(8).fill(0)
  for (let seed = 0; seed < 4_000; seed++) {
    const order = new AvailabilityOrder(8, seededDice(seed))
    prepare(order)
    counts[order.pieceAt(order.find(() => true)!)]!++
  }
  return counts
}

/** 500 of 4,000 are expected for each; dice that are fair stay within 100 of it but once in a million. */
function assertUniform(counts: readonly number[]): void {
  for (const [index, count] of counts.entries()) assert.ok(Math.abs(count - 500) < 105, `${index}: ${count}`)
}

function insertAll(order: AvailabilityOrder): void {
  for (let index = 0; index < 8; index++) order.insert(index)
}

test('among equals each is as likely to come first as any other', () => assertUniform(firsts(insertAll)))

test('pieces that a peer names one after the other are equals too', () => {
  assertUniform(
    firsts((order) => {
      insertAll(order)
      for (let index = 0; index < 8; index++) order.increase(index)
    }),
  )
})

test('pieces that have become rarer are equals of those that were', () => {
  assertUniform(
    firsts((order) => {
      for (let index = 0; index < 8; index++) order.increase(index)
      for (let index = 0; index < 4; index++) order.increase(index)
      insertAll(order)
      for (let index = 0; index < 4; index++) order.decrease(index)
    }),
  )
})
