import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { BLOCK_BYTES, Geometry } from '../../src/core/geometry.js'
import { blocksOf, planRead } from '../../src/swarm/read-plan.js'
import type { BlockRequest } from '../../src/wire/messages.js'

const MOST = 64

const request = (index: number, place: number, length = BLOCK_BYTES): BlockRequest => ({
  index,
  begin: place * BLOCK_BYTES,
  length,
})
const range = (from: number, end: number) => Array.from({ length: end - from }, (_, nth) => from + nth)

interface Memory {
  readonly known?: readonly number[]
  readonly unreadable?: readonly number[]
}

/** A torrent of pieces of so many blocks each, 400 blocks in all. */
function plan(blocksPerPiece: number, requests: readonly BlockRequest[], memory: Memory = {}): number[] {
  const geometry = new Geometry(400 * BLOCK_BYTES, blocksPerPiece * BLOCK_BYTES, [])
  const view = {
    geometry,
    isKnown: (block: number) => memory.known?.includes(block) === true,
    isReadable: (index: number) => memory.unreadable?.includes(index) !== true,
  }
  return planRead(view, requests, MOST)
}

test('a piece that somebody begins is read on to its end, as far as there is room', () => {
  assert.deepEqual(plan(40, [request(2, 3)]), range(83, 120))
  assert.deepEqual(plan(200, [request(1, 10)]), range(210, 210 + MOST))
})

test('small pieces that are asked for here and there come in the order asked, and none besides', () => {
  assert.deepEqual(plan(1, [request(70, 0), request(3, 0), request(200, 0)]), [70, 3, 200])
  assert.deepEqual(plan(4, [request(70, 0), request(3, 0)]), [280, 12, 13, 14, 15])
})

test('reads of small pieces one after another double until they are as long as can be', () => {
  const known: number[] = []
  const lengths: number[] = []
  while (known.length < 250) {
    const blocks = plan(1, [request(known.length, 0)], { known })
    assert.deepEqual(blocks, range(known.length, known.length + blocks.length))
    lengths.push(blocks.length)
    known.push(...blocks)
  }
  assert.deepEqual(lengths, [1, 2, 4, 8, 16, 32, 64, 64, 64])
})

test('what is known is not read again, and ends what is read ahead', () => {
  assert.deepEqual(plan(40, [request(0, 0), request(0, 1), request(0, 2)], { known: [1, 9] }), [
    0,
    2,
    ...range(3, 9),
  ])
  assert.deepEqual(plan(40, [request(0, 0)], { known: [0] }), [])
})

test('nothing is read ahead out of a piece that must not be read, nor beyond the last', () => {
  const known = range(0, 8)
  assert.deepEqual(plan(4, [request(2, 0)], { known, unreadable: [4] }), range(8, 16))
  assert.deepEqual(plan(4, [request(99, 1)], { known: range(300, 396) }), [397, 398, 399])
})

test('a request across blocks needs them all', () => {
  const geometry = new Geometry(10 * BLOCK_BYTES, 5 * BLOCK_BYTES, [])
  assert.deepEqual([...blocksOf(geometry, { index: 1, begin: 5, length: BLOCK_BYTES })], [5, 6])
  assert.deepEqual([...blocksOf(geometry, { index: 1, begin: 0, length: 3 * BLOCK_BYTES })], [5, 6, 7])
})

test('whatever is asked for, a plan has room, repeats nothing, and begins with what is needed first', () => {
  const asked = fc.array(fc.tuple(fc.nat(399), fc.integer({ min: 1, max: 8 })), {
    minLength: 1,
    maxLength: 90,
  })
  const known = fc.uniqueArray(fc.nat(399), { maxLength: 300 })
  fc.assert(
    fc.property(asked, known, fc.constantFrom(1, 3, 50), (places, inMemory, blocksPerPiece) => {
      const requests = places.map(([block, count]) => {
        const place = block % blocksPerPiece
        const index = (block - place) / blocksPerPiece
        return request(index, place, Math.min(count, blocksPerPiece - place, 400 - block) * BLOCK_BYTES)
      })
      const blocks = plan(blocksPerPiece, requests, { known: inMemory })
      const geometry = new Geometry(400 * BLOCK_BYTES, blocksPerPiece * BLOCK_BYTES, [])
      const needed = requests.flatMap((each) => [...blocksOf(geometry, each)])
      const absent = [...new Set(needed)].filter((block) => !inMemory.includes(block))
      assert.ok(blocks.length <= MOST)
      assert.equal(new Set(blocks).size, blocks.length)
      assert.deepEqual(blocks.slice(0, absent.length), absent.slice(0, MOST))
      assert.ok(blocks.every((block) => block < 400 && !inMemory.includes(block)))
    }),
  )
})
