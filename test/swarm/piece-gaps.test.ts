import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { findGap } from '../../src/swarm/piece-gaps.js'

/** `.` is free, `x` is not, `>` is free and somebody else goes on there. */
function begin(pieces: string, options: { readonly group?: number; readonly enough?: number } = {}) {
  return findGap({
    pieceCount: pieces.length,
    isFree: (index) => pieces[index] !== 'x',
    isAhead: (index) => pieces[index] === '>',
    group: options.group ?? 1,
    enough: options.enough ?? 1_000,
  })
}

test('the longest gap is taken from its start', () => {
  assert.equal(begin('..x....x...'), 3)
  assert.equal(begin('xx'), undefined)
  assert.equal(begin(''), undefined)
})

test('a gap that somebody goes on with is taken from its middle, and counts half', () => {
  assert.equal(begin('x>.......'), 5)
  assert.equal(begin('x>....x....'), 7)
  assert.equal(begin('x>'), 1)
})

test('the middle of a gap is the start of a run', () => {
  assert.equal(begin('x>..........', { group: 4 }), 4)
  assert.equal(begin('x>.', { group: 4 }), 1)
})

test('the first gap that is long enough will do', () => {
  assert.equal(begin('.x..x......', { enough: 2 }), 2)
  assert.equal(begin('>.......x......', { enough: 3 }), 3)
})

test('in a torrent of millions of pieces the search ends once there is anything', () => {
  const seen: number[] = []
  const isFree = (index: number) => {
    seen.push(index)
    return index === 5 || index > 1_000_000
  }
  const search = { pieceCount: 2_000_000, isFree, isAhead: () => false, group: 1, enough: 100 }
  assert.equal(findGap(search), 5)
  assert.ok(seen.length < 200_000)
})

test('whatever is free, a free piece is found, and no longer gap is passed over', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 40 }), (free) => {
      const pieces = free.map((isFree) => (isFree ? '.' : 'x')).join('')
      const gaps = pieces.split(/x+/).map(({ length }) => length)
      const found = begin(pieces)
      if (found === undefined) return assert.equal(Math.max(0, ...gaps), 0)
      assert.equal(/^\.*/.exec(pieces.slice(found))![0].length, Math.max(...gaps))
    }),
  )
})
