import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { SlotIndex } from '../../src/tracker-server/slot-index.js'

/** Slots hold the key of their own number; few hashes, so that most collide. */
function check(actions: readonly { readonly slot: number; readonly add: boolean }[], hashes: number): void {
  const index = new SlotIndex(4)
  const there = new Set<number>()
  for (const { slot, add } of actions) {
    if (add && !there.has(slot)) {
      index.add(slot % hashes, slot)
      there.add(slot)
    } else if (!add && there.delete(slot)) index.remove(slot % hashes, slot)
    for (let sought = 0; sought < 40; sought++) {
      const found = index.find(sought % hashes, { holds: (other) => other === sought })
      assert.equal(found, there.has(sought) ? sought : -1)
    }
    assert.equal(index.count, there.size)
  }
}

test('it finds what was added and not removed, however hashes collide and the table grows', () => {
  const action = fc.record({ slot: fc.nat({ max: 39 }), add: fc.boolean() })
  fc.assert(fc.property(fc.array(action, { maxLength: 120 }), fc.integer({ min: 1, max: 40 }), check))
})

test('hashes may be negative', () => {
  const index = new SlotIndex()
  index.add(-7, 3)
  assert.equal(index.find(-7, { holds: (slot) => slot === 3 }), 3)
  index.remove(-7, 3)
  assert.equal(index.find(-7, { holds: () => true }), -1)
})
