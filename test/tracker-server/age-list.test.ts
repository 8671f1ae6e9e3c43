import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { AgeList } from '../../src/tracker-server/age-list.js'

test('the oldest is always whoever was added or touched longest ago', () => {
  const action = fc.tuple(fc.constantFrom('add', 'touch', 'remove'), fc.nat({ max: 200 }))
  fc.assert(
    fc.property(fc.array(action, { maxLength: 200 }), (actions) => {
      const list = new AgeList()
      let order: number[] = []
      for (const [at, [what, slot]] of actions.entries()) {
        const isThere = order.includes(slot)
        order = order.filter((other) => other !== slot)
        if (what === 'remove' && isThere) list.remove(slot)
        else if (isThere) list.touch(slot, at)
        else if (what !== 'remove') list.add(slot, at)
        if (what !== 'remove') order.push(slot)
        assert.equal(list.oldest, order[0] ?? -1)
        if (what !== 'remove') assert.equal(list.seenSeconds(slot), at)
      }
      for (const slot of order) {
        assert.equal(list.oldest, slot)
        list.remove(slot)
      }
      assert.equal(list.oldest, -1)
    }),
  )
})
