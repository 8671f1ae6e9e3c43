import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { BLOCK_BYTES, Geometry, type PieceIndex } from '../../src/core/geometry.js'
import { BytePlan } from '../../src/swarm/byte-plan.js'
import type { BlockPart, BlockRequest } from '../../src/wire/messages.js'
import { payloadBytes } from '../kit/payload.js'

function allBlocks(geometry: Geometry): BlockRequest[] {
  return Array.from({ length: geometry.pieceCount }, (_, index) =>
    Array.from({ length: geometry.blockCount(index as PieceIndex) }, (_, block) => {
      const begin = block * BLOCK_BYTES
      return { index, begin, length: geometry.blockBytes(index as PieceIndex, begin) }
    }),
  ).flat()
}

test('neighbouring blocks are one stretch, whatever their order; others wait for their turn', () => {
  const plan = new BytePlan(new Geometry(400_000, 100_000, []))
  plan.add([
    { index: 1, begin: 0, length: 16_384 },
    { index: 0, begin: 98_304, length: 1_696 },
  ])
  plan.add([{ index: 1, begin: 16_384, length: 16_384 }])
  plan.add([{ index: 3, begin: 0, length: 16_384 }])
  assert.deepEqual({ ...plan.next }, { at: 98_304, end: 132_768 })
  assert.equal(
    plan.take(new Uint8Array(50_000), () => {}),
    132_768 - 98_304,
  )
  assert.deepEqual({ ...plan.next }, { at: 300_000, end: 316_384 })
  plan.clear()
  assert.equal(plan.next, undefined)
  assert.equal(
    plan.take(new Uint8Array(1), () => {}),
    0,
  )
})

test('however the bytes come, every block comes whole, in parts that follow on each other', () => {
  const sizes = fc.record({
    totalBytes: fc.integer({ min: 1, max: 300_000 }),
    pieceLength: fc.constantFrom(1_000, 16_384, 20_001, 65_536, 100_000),
    skipEvery: fc.integer({ min: 2, max: 9 }),
    reads: fc.array(fc.integer({ min: 1, max: 70_000 }), { minLength: 1, maxLength: 8 }),
  })
  fc.assert(
    fc.property(sizes, ({ totalBytes, pieceLength, skipEvery, reads }) => {
      const geometry = new Geometry(totalBytes, pieceLength, [])
      const wanted = allBlocks(geometry).filter((_, at) => at % skipEvery !== 0)
      const plan = new BytePlan(geometry)
      plan.add(wanted)
      const got: BlockRequest[] = []
      let expected: { key: string; offset: number } | undefined
      const visit = (part: BlockPart) => {
        const { index, begin, length, offset, bytes } = part
        const start = index * pieceLength + begin + offset
        assert.ok(payloadBytes(start, bytes.length).equals(bytes))
        const key = `${index}:${begin}`
        if (offset > 0) assert.deepEqual({ key, offset }, expected)
        expected = { key, offset: offset + bytes.length }
        if (offset + bytes.length === length) got.push({ index, begin, length })
      }
      for (let read = 0; plan.next !== undefined; read++) {
        const { at, end } = plan.next
        const count = Math.min(reads[read % reads.length]!, totalBytes - at)
        const taken = plan.take(Uint8Array.from(payloadBytes(at, count)), visit)
        assert.equal(taken, Math.min(count, end - at))
      }
      assert.deepEqual(got, wanted)
    }),
    { numRuns: 60 },
  )
})
