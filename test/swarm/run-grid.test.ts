import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BLOCK_BYTES, Geometry, type PieceIndex } from '../../src/core/geometry.js'
import { RunGrid } from '../../src/swarm/run-grid.js'

const KIB = 1024
const MIB = 1024 * KIB

/** Powers of two and odd ones, from far below the usual to the longest that is allowed. */
const PIECE_LENGTHS = [
  1,
  1_000,
  16 * KIB - 1,
  16 * KIB,
  16 * KIB + 1,
  100_000,
  256 * KIB,
  MIB - 1,
  MIB,
  MIB + 1,
  3 * MIB,
  4 * MIB,
  4 * MIB + 5,
  33 * MIB + 16 * KIB,
  512 * MIB - 16 * KIB,
]
const MEMORIES = [4 * MIB, 5 * MIB, 16 * MIB, 64 * MIB, 100_000_000, 1024 * MIB, 8192 * MIB]

function geometry(pieceLength: number, lastBytes: number): Geometry {
  const totalBytes = 4 * pieceLength + lastBytes
  return new Geometry(totalBytes, pieceLength, [{ offset: 0, length: totalBytes }])
}

function eachGrid(visit: (grid: RunGrid, memoryBytes: number) => void): void {
  for (const pieceLength of PIECE_LENGTHS) {
    const lastLengths = [1, Math.ceil(pieceLength / 2), pieceLength]
    for (const memoryBytes of MEMORIES) {
      for (const lastBytes of lastLengths)
        visit(new RunGrid(geometry(pieceLength, lastBytes), memoryBytes), memoryBytes)
    }
  }
}

test('a run takes at most a megabyte, or a sixteenth of memory when that is more', () => {
  eachGrid(({ bufferBytes, geometry }, memoryBytes) => {
    const most = Math.max(MIB, memoryBytes / 16)
    assert.ok(
      bufferBytes > 0 && bufferBytes <= most,
      `${geometry.pieceLength} in ${memoryBytes}: ${bufferBytes}`,
    )
  })
})

test('only pieces longer than a run may be are cut into parts; those that share a run are whole', () => {
  eachGrid((grid, memoryBytes) => {
    const { pieceLength } = grid.geometry
    const isLarge = pieceLength > Math.max(MIB, memoryBytes / 16)
    assert.equal(grid.partsPerPiece > 1, isLarge)
    if (isLarge) assert.equal(grid.piecesPerRun, 1)
    else assert.equal(grid.bufferBytes, grid.piecesPerRun * pieceLength)
  })
})

test('small pieces fill a run to more than half, up to a megabyte', () => {
  eachGrid((grid) => {
    if (grid.partsPerPiece > 1 || grid.geometry.pieceLength >= MIB) return
    const most = Math.min(MIB, grid.bufferBytes + grid.geometry.pieceLength)
    assert.ok(grid.bufferBytes * 2 > Math.min(most, 256 * KIB))
  })
})

test('the parts of a piece cover it without gap or overlap, and begin at blocks', () => {
  eachGrid((grid) => {
    if (grid.partsPerPiece === 1) return
    assert.equal(grid.bufferBytes % BLOCK_BYTES, 0)
    const units = new Set<number>()
    for (let raw = 0; raw < grid.geometry.pieceCount; raw++) {
      const index = raw as PieceIndex
      const pieceBytes = grid.geometry.pieceBytes(index)
      const count = grid.partCount(index)
      assert.ok(count <= grid.partsPerPiece)
      assert.ok((count - 1) * grid.bufferBytes < pieceBytes && pieceBytes <= count * grid.bufferBytes)
      for (let part = 0; part < count; part++) {
        const begin = part * grid.bufferBytes
        const lastBlock = Math.min(begin + grid.bufferBytes, pieceBytes) - 1
        const unit = grid.unitOf(index, begin)
        assert.equal(grid.unitOf(index, lastBlock - (lastBlock % BLOCK_BYTES)), unit)
        assert.ok(!units.has(unit), 'no other part has this number')
        units.add(unit)
      }
    }
  })
})

test('a piece that is assembled whole has one part, and is its own unit', () => {
  eachGrid((grid) => {
    if (grid.partsPerPiece > 1) return
    for (let index = 0; index < grid.geometry.pieceCount; index++) {
      assert.equal(grid.partCount(index as PieceIndex), 1)
      assert.equal(grid.unitOf(index as PieceIndex, 0), index)
    }
  })
})

test('where pieces must be whole they are, each in a buffer of its own', () => {
  for (const pieceLength of PIECE_LENGTHS) {
    const grid = new RunGrid(geometry(pieceLength, 1), 4 * MIB, true)
    assert.deepEqual([grid.partsPerPiece, grid.piecesPerRun, grid.bufferBytes], [1, 1, pieceLength])
  }
})
