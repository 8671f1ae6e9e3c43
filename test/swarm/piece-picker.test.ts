import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { PieceIndex } from '../../src/core/geometry.js'
import { type PickOrder, PiecePicker } from '../../src/swarm/piece-picker.js'
import { seededDice } from '../kit/dice.js'

const PIECES = 30
const everything = () => true

function picker(order: PickOrder, wanted: readonly number[], seed = 1): PiecePicker {
  const made = new PiecePicker(PIECES, order, seededDice(seed))
  for (const index of wanted) made.add(index as PieceIndex)
  return made
}

const indices = fc.uniqueArray(fc.nat(PIECES - 1), { maxLength: PIECES })

test('a stretch is of neighbours in one group that are wanted, had by the peer and equally rare', () => {
  const peers = fc.array(indices, { maxLength: 4 })
  const orders = fc.constantFrom<PickOrder>('rarestFirst', 'sequential')
  const sizes = fc.tuple(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 10 }))
  fc.assert(
    fc.property(orders, indices, peers, sizes, fc.nat(), (order, wanted, owners, [most, group], seed) => {
      const tested = picker(order, wanted, seed)
      const availability = new Array<number>(PIECES).fill(0)
      for (const index of owners.flat()) {
        tested.peerHas(index as PieceIndex)
        availability[index]!++
      }
      const left = new Set(wanted)
      const owned = new Set(owners[0] ?? [])
      for (;;) {
        const candidates = [...left].filter((index) => owned.has(index))
        const stretch = tested.take((index) => owned.has(index), most, group)
        if (stretch === undefined) {
          assert.deepEqual(candidates, [])
          break
        }
        const taken = Array.from({ length: stretch.count }, (_, at) => stretch.first + at)
        assert.ok(stretch.count >= 1 && stretch.count <= most)
        assert.equal(new Set(taken.map((index) => Math.floor(index / group))).size, 1)
        for (const index of taken) {
          assert.ok(owned.has(index) && left.delete(index), 'it is wanted, and picked only once')
          assert.equal(availability[index], availability[stretch.first])
        }
        if (order === 'sequential') assert.equal(stretch.first, Math.min(...candidates))
        else
          assert.equal(
            availability[stretch.first],
            Math.min(...candidates.map((index) => availability[index]!)),
          )
        assert.equal(tested.remainingCount, left.size)
      }
    }),
    { numRuns: 300 },
  )
})

test('a stretch of rarest pieces reaches back to the start of its group: no single ones remain', () => {
  for (let seed = 0; seed < 50; seed++) {
    const all = Array.from({ length: PIECES }, (_, index) => index)
    const stretch = picker('rarestFirst', all, seed).take(everything, 5, 5)
    assert.deepEqual([stretch!.first % 5, stretch!.count], [0, 5])
  }
})

test('in sequence, a piece that comes back is the next again', () => {
  const tested = picker('sequential', [3, 4, 5, 6])
  assert.equal(tested.take(everything, 2, 100)?.first, 3)
  assert.equal(tested.take(everything, 1, 100)?.first, 5)
  tested.add(4 as PieceIndex)
  assert.equal(tested.take(everything, 1, 100)?.first, 4)
  assert.equal(tested.take(everything, 1, 100)?.first, 6)
  assert.equal(tested.take(everything, 1, 100), undefined)
})

test('what is removed is not picked, and what is added twice is picked once', () => {
  const tested = picker('rarestFirst', [1, 2])
  tested.add(2 as PieceIndex)
  tested.remove(1 as PieceIndex)
  assert.equal(tested.remainingCount, 1)
  assert.deepEqual(tested.take(everything, 4, 8), { first: 2, count: 1, place: 0 })
  assert.equal(tested.take(everything, 4, 8), undefined)
})

test('the version changes when there is more to pick, and not when there is less', () => {
  const tested = picker('rarestFirst', [1])
  const before = tested.version
  tested.take(everything, 1, 1)
  assert.equal(tested.version, before)
  tested.add(1 as PieceIndex)
  assert.notEqual(tested.version, before)
  const then = tested.version
  tested.touch()
  assert.notEqual(tested.version, then)
})

test('a pick goes on from the place of the last one, and starts again when nothing is left there', () => {
  const tested = picker('rarestFirst', [0, 1, 2, 3, 4, 5, 6, 7])
  const looked: number[] = []
  const odd = (index: number) => looked.push(index) > 0 && index % 2 === 1
  const first = tested.take(odd, 1, 1)!
  looked.length = 0
  assert.ok(tested.take(odd, 1, 1, first.place) !== undefined)
  assert.ok(!looked.some((index) => index === first.first))
  tested.take(odd, 1, 1)
  tested.take(odd, 1, 1)
  assert.equal(tested.take(odd, 1, 1, first.place), undefined)
  assert.ok(tested.take((index) => index % 2 === 0, 1, 1, 3) !== undefined)
})
