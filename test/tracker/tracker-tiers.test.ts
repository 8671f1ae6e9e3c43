import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { TrackerTiers } from '../../src/tracker/tracker-tiers.js'

/** Dice that leave a shuffle without effect. */
const NO_SHUFFLE = () => 0.999_999

test('tiers stay in order and lose no tracker, whatever the dice', () => {
  const tier = fc.uniqueArray(fc.integer({ min: 0, max: 9 }), { minLength: 1 })
  const dice = fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }))
  fc.assert(
    fc.property(fc.array(tier, { maxLength: 8 }), dice, (tiers, rolls) => {
      const named = tiers.map((members, at) => members.map((member) => `http://${at}/${member}`))
      const order = new TrackerTiers(named, () => rolls.next().value).inOrder
      let from = 0
      for (const members of named) {
        assert.deepEqual(order.slice(from, from + members.length).sort(), [...members].sort())
        from += members.length
      }
      assert.equal(order.length, from)
    }),
  )
})

test('each tracker of a tier is first for some dice', () => {
  const firsts = [
    [0.9, 0.9],
    [0.9, 0],
    [0, 0.9],
  ].map((rolls) => {
    return new TrackerTiers([['a', 'b', 'c']], () => rolls.shift()!).inOrder[0]
  })
  assert.deepEqual(new Set(firsts), new Set(['a', 'b', 'c']))
})

test('a tracker that answered moves to the front of its tier and no further', () => {
  const tiers = new TrackerTiers([['a'], ['b', 'c', 'd'], ['e']], NO_SHUFFLE)
  tiers.promote('d')
  assert.deepEqual(tiers.inOrder, ['a', 'd', 'b', 'c', 'e'])
  tiers.promote('c')
  assert.deepEqual(tiers.inOrder, ['a', 'c', 'd', 'b', 'e'])
  tiers.promote('unknown')
  assert.deepEqual(tiers.inOrder, ['a', 'c', 'd', 'b', 'e'])
})

test('a tracker named twice counts once, where it comes first', () => {
  assert.deepEqual(
    new TrackerTiers(
      [
        ['a', 'b'],
        ['b', 'a', 'c'],
      ],
      NO_SHUFFLE,
    ).inOrder,
    ['a', 'b', 'c'],
  )
})

test('a torrent that names thousands of trackers does not get thousands contacted', () => {
  const urls = Array.from({ length: 5_000 }, (_, at) => `http://${at}/`)
  assert.equal(new TrackerTiers([urls.slice(0, 60), urls.slice(60)], Math.random).inOrder.length, 100)
})

test('the tiers of the caller are left as they were', () => {
  const given = [['a', 'b', 'c']]
  new TrackerTiers(given, () => 0).promote('c')
  assert.deepEqual(given, [['a', 'b', 'c']])
})
