import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { BLOCK_BYTES, type FileExtent, Geometry, type PieceIndex } from '../../src/core/geometry.js'

/** Files of the given lengths, end to end. */
function layOut(lengths: readonly number[], pieceLength: number): Geometry {
  let offset = 0
  const files: FileExtent[] = lengths.map((length) => {
    const file = { offset, length }
    offset += length
    return file
  })
  return new Geometry(offset, pieceLength, files)
}

/** Small files, many of them empty, and pieces that span several of them. */
const layouts = fc
  .tuple(
    fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 12 }),
    fc.integer({ min: 1, max: 20 }),
  )
  .map(([lengths, pieceLength]) => layOut(lengths, pieceLength))

function pieces(geometry: Geometry): PieceIndex[] {
  return Array.from({ length: geometry.pieceCount }, (_, index) => geometry.toPieceIndex(index)!)
}

test('the pieces cover the byte space once, end to end', () => {
  fc.assert(
    fc.property(layouts, (geometry) => {
      let offset = 0
      for (const index of pieces(geometry)) {
        assert.equal(geometry.pieceOffset(index), offset)
        assert.ok(geometry.pieceBytes(index) > 0 && geometry.pieceBytes(index) <= geometry.pieceLength)
        offset += geometry.pieceBytes(index)
      }
      assert.equal(offset, geometry.totalBytes)
    }),
  )
})

test('only whole numbers below the count are piece indices', () => {
  const geometry = layOut([100], 10)
  for (const raw of [-1, 10, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 32]) {
    assert.equal(geometry.toPieceIndex(raw), undefined)
  }
  assert.equal(geometry.toPieceIndex(9), 9)
  assert.equal(layOut([0], 10).toPieceIndex(0), undefined)
})

test('the blocks of a piece add up to it, and only the last is short', () => {
  const lengths = fc.integer({ min: 1, max: 5 * BLOCK_BYTES })
  fc.assert(
    fc.property(lengths, fc.integer({ min: 1, max: 3 * BLOCK_BYTES }), (totalBytes, pieceLength) => {
      const geometry = layOut([totalBytes], pieceLength)
      const index = geometry.toPieceIndex(geometry.pieceCount - 1)!
      let bytes = 0
      for (let block = 0; block < geometry.blockCount(index); block++) {
        const length = geometry.blockBytes(index, block * BLOCK_BYTES)
        assert.ok(length > 0 && length <= BLOCK_BYTES)
        if (block < geometry.blockCount(index) - 1) assert.equal(length, BLOCK_BYTES)
        bytes += length
      }
      assert.equal(bytes, geometry.pieceBytes(index))
    }),
  )
})

test('every block has a number of its own, and no number is left out', () => {
  const lengths = fc.integer({ min: 0, max: 9 * BLOCK_BYTES })
  fc.assert(
    fc.property(lengths, fc.integer({ min: 1, max: 3 * BLOCK_BYTES }), (totalBytes, pieceLength) => {
      fc.pre(totalBytes / pieceLength < 1_000)
      const geometry = layOut([totalBytes], pieceLength)
      const numbers: number[] = []
      for (let index = 0; index < geometry.pieceCount; index++) {
        const piece = geometry.toPieceIndex(index)!
        for (let block = 0; block < geometry.blockCount(piece); block++) {
          const number = geometry.blockNumber(piece, block * BLOCK_BYTES)
          assert.equal(geometry.pieceOfBlock(number), piece)
          numbers.push(number)
        }
      }
      assert.deepEqual(
        numbers,
        numbers.map((_, nth) => nth),
      )
      assert.equal(geometry.blockNumberEnd, numbers.length)
    }),
  )
})

test('every stretch of the byte space maps to the bytes of its files, one by one', () => {
  fc.assert(
    fc.property(layouts, (geometry) => {
      const owners = geometry.files.flatMap((file, fileIndex) =>
        Array.from({ length: file.length }, (_, fileOffset) => `${fileIndex}:${fileOffset}`),
      )
      for (let offset = 0; offset <= geometry.totalBytes; offset++) {
        for (let length = 0; offset + length <= geometry.totalBytes; length++) {
          const found = geometry.spans(offset, length).flatMap((span) =>
            Array.from({ length: span.length }, (_, i) => {
              assert.ok(span.stretchOffset >= 0 && span.stretchOffset + span.length <= length)
              return `${span.fileIndex}:${span.fileOffset + i}`
            }),
          )
          assert.deepEqual(found, owners.slice(offset, offset + length))
        }
      }
    }),
    { numRuns: 30 },
  )
})

test('spans follow each other in the stretch without gaps', () => {
  fc.assert(
    fc.property(layouts, (geometry) => {
      for (const index of pieces(geometry)) {
        let next = 0
        for (const span of geometry.spans(geometry.pieceOffset(index), geometry.pieceBytes(index))) {
          assert.ok(span.length > 0)
          assert.equal(span.stretchOffset, next)
          next += span.length
        }
        assert.equal(next, geometry.pieceBytes(index))
      }
    }),
  )
})

test('the pieces of a file are those whose spans name it', () => {
  fc.assert(
    fc.property(layouts, (geometry) => {
      for (let fileIndex = 0; fileIndex < geometry.files.length; fileIndex++) {
        const named = pieces(geometry).filter((index) =>
          geometry
            .spans(geometry.pieceOffset(index), geometry.pieceBytes(index))
            .some((span) => span.fileIndex === fileIndex),
        )
        const { first, end } = geometry.piecesOfFile(fileIndex)
        assert.equal(end - first, named.length)
        if (named.length > 0) assert.equal(first, named[0])
      }
    }),
  )
})

test('arithmetic stays exact for the largest torrents', () => {
  const pieceLength = 512 * 1024 * 1024 - BLOCK_BYTES
  const totalBytes = 2_097_151 * pieceLength + 1
  const geometry = new Geometry(totalBytes, pieceLength, [{ offset: 0, length: totalBytes }])
  assert.equal(geometry.pieceCount, 2_097_152)
  const last = geometry.toPieceIndex(2_097_151)!
  assert.equal(geometry.pieceBytes(last), 1)
  assert.deepEqual(geometry.spans(geometry.pieceOffset(last), 1), [
    { fileIndex: 0, fileOffset: totalBytes - 1, stretchOffset: 0, length: 1 },
  ])
})
