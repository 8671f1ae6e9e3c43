import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { PeerError } from '../../src/core/errors.js'
import { Geometry, type PieceIndex } from '../../src/core/geometry.js'
import { checkBlock } from '../../src/swarm/check-block.js'

/** The blocks that there are, by begin: found by walking, not by arithmetic. */
function blocksOf(geometry: Geometry, index: PieceIndex): Map<number, number> {
  const blocks = new Map<number, number>()
  const pieceBytes = geometry.pieceBytes(index)
  for (let begin = 0; begin < pieceBytes; begin += 16_384)
    blocks.set(begin, Math.min(16_384, pieceBytes - begin))
  return blocks
}

test('exactly the blocks of the torrent are let through', () => {
  const near = fc.constantFrom(-1, 0, 1).chain((off) => fc.nat(5).map((count) => count * 16_384 + off))
  fc.assert(
    fc.property(
      fc.constantFrom(5, 16_384, 20_000, 65_536),
      fc.nat(200_000),
      fc.nat(20),
      near,
      near,
      (...given) => {
        const [pieceLength, extraBytes, index, begin, length] = given
        const totalBytes = pieceLength + extraBytes
        const geometry = new Geometry(totalBytes, pieceLength, [{ offset: 0, length: totalBytes }])
        const piece = geometry.toPieceIndex(index)
        const isBlock = piece !== undefined && blocksOf(geometry, piece).get(begin) === length
        const part = { type: 'block' as const, index, begin, length, offset: 0, bytes: new Uint8Array(0) }
        if (isBlock) return assert.equal(checkBlock(geometry, part), index)
        const code = piece === undefined ? 'UNKNOWN_PIECE' : 'BAD_MESSAGE'
        assert.throws(
          () => checkBlock(geometry, part),
          (error) => error instanceof PeerError && error.code === code,
        )
      },
    ),
    { numRuns: 2_000 },
  )
})

test('every block of a torrent is let through', () => {
  const geometry = new Geometry(5 * 40_000 + 7, 40_000, [{ offset: 0, length: 5 * 40_000 + 7 }])
  for (let raw = 0; raw < geometry.pieceCount; raw++) {
    for (const [begin, length] of blocksOf(geometry, raw as PieceIndex)) {
      const part = { type: 'block' as const, index: raw, begin, length, offset: 0, bytes: new Uint8Array(0) }
      assert.equal(checkBlock(geometry, part), raw)
    }
  }
})
