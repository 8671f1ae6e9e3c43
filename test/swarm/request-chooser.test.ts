import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answer, joinPeer, joinReader, type SwarmParts, swarmParts } from '../kit/swarm-parts.js'

const KIB = 1024
const PIECE_BYTES = 64 * KIB

/** Eight pieces of four blocks, each a run of its own, of which others are asked for some. */
function partsWithout(indices: readonly number[]): SwarmParts {
  const parts = swarmParts(8 * PIECE_BYTES, PIECE_BYTES, 16 * PIECE_BYTES)
  for (const index of indices) {
    const requests = parts.scheduler.request(joinPeer(parts, 100 + index, [index]), 8, 0)
    assert.equal(requests.length, 4)
  }
  return parts
}

function piecesOf(requests: readonly { readonly index: number }[]): number[] {
  return [...new Set(requests.map(({ index }) => index))]
}

test('one that reads stretches is asked for the next stretch only when it has read this one', () => {
  const parts = partsWithout([1, 2, 3])
  const reader = joinReader(parts, 1)
  const first = parts.scheduler.request(reader, 100, 0)
  assert.deepEqual(piecesOf(first), [0])
  answer(parts, reader, first.slice(0, 3), 1)
  assert.deepEqual(parts.scheduler.request(reader, 100, 1), [])
  answer(parts, reader, first.slice(3), 2)
  assert.deepEqual(piecesOf(parts.scheduler.request(reader, 100, 2)), [4, 5, 6])
})

test('a short gap is read over', () => {
  const parts = partsWithout([1])
  assert.deepEqual(piecesOf(parts.scheduler.request(joinReader(parts, 1), 100, 0)), [0, 2])
})

test('what others have left is free for one reader though a busy one has looked at it', () => {
  const parts = swarmParts(8 * PIECE_BYTES, PIECE_BYTES, 16 * PIECE_BYTES)
  const leaver = joinPeer(parts, 100, [5])
  assert.equal(parts.scheduler.request(leaver, 8, 0).length, 4)
  const busy = joinReader(parts, 1)
  assert.deepEqual(piecesOf(parts.scheduler.request(busy, 4, 0)), [0])
  parts.scheduler.remove(leaver)
  assert.deepEqual(parts.scheduler.request(busy, 4, 5_000), [], 'it has to read the rest first')
  assert.deepEqual(piecesOf(parts.scheduler.request(joinReader(parts, 2), 4, 5_001)), [5])
})
