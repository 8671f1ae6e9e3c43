import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Geometry, type PieceIndex } from '../../src/core/geometry.js'
import type { RunStretch } from '../../src/swarm/open-run.js'
import { PartedPieces } from '../../src/swarm/parted-pieces.js'
import { RunGrid } from '../../src/swarm/run-grid.js'

const MIB = 1024 * 1024
const FIRST = 0 as PieceIndex
const LAST = 1 as PieceIndex
const all = () => true

/** A piece of 3.5 MiB, and a last one of 1 MiB and a byte: four parts and two. */
function setUp(): PartedPieces {
  const totalBytes = 4.5 * MIB + 1
  const geometry = new Geometry(totalBytes, 3.5 * MIB, [{ offset: 0, length: totalBytes }])
  return new PartedPieces(new RunGrid(geometry, 4 * MIB))
}

function takeAll(parted: PartedPieces, keptFor: number | undefined, has = all): RunStretch[] {
  const taken: RunStretch[] = []
  for (let part = parted.takePart(keptFor, has); part !== undefined; part = parted.takePart(keptFor, has)) {
    taken.push(part)
  }
  return taken
}

test('the parts of a piece come in order, and cover it', () => {
  const parted = setUp()
  parted.begin(FIRST, undefined)
  parted.begin(LAST, undefined)
  assert.ok(parted.hasWaiting)
  const taken = takeAll(parted, undefined)
  assert.deepEqual(
    taken.map(({ firstPiece, begin, length }) => [firstPiece, begin / MIB, length]),
    [
      [0, 0, MIB],
      [0, 1, MIB],
      [0, 2, MIB],
      [0, 3, MIB / 2],
      [1, 0, MIB],
      [1, 1, 1],
    ],
  )
  assert.equal(parted.hasWaiting, false)
})

test('a peer gets parts of pieces that it has', () => {
  const parted = setUp()
  parted.begin(FIRST, undefined)
  parted.begin(LAST, undefined)
  assert.equal(parted.takePart(undefined, (index) => index === LAST)?.firstPiece, LAST)
  assert.equal(
    parted.takePart(undefined, () => false),
    undefined,
  )
})

test('a piece that is kept for a peer is for that peer, until it is released', () => {
  const parted = setUp()
  parted.begin(FIRST, 7)
  assert.equal(parted.takePart(undefined, all), undefined)
  assert.equal(parted.takePart(8, all), undefined)
  assert.equal(parted.takePart(7, all)?.begin, 0)
  parted.release(8)
  assert.equal(parted.takePart(undefined, all), undefined)
  parted.release(7)
  assert.equal(parted.takePart(undefined, all)?.begin, MIB)
})

test('the piece can be verified when all its parts are written, in any order', () => {
  const parted = setUp()
  parted.begin(FIRST, undefined)
  const [a, b, c, d] = takeAll(parted, undefined)
  assert.equal(parted.written(d!, [1]), false)
  assert.equal(parted.written(b!, [2, 3]), false)
  assert.equal(parted.written(a!, [1]), false)
  assert.equal(parted.written(c!, []), true)
  assert.deepEqual([...parted.end(FIRST)].sort(), [1, 2, 3])
  assert.deepEqual([...parted.end(FIRST)], [], 'once')
})

test('a part that is given back is taken again, and counts once', () => {
  const parted = setUp()
  parted.begin(LAST, undefined)
  const [first, second] = takeAll(parted, undefined)
  parted.written(first!, [1])
  assert.equal(parted.giveBack(second!), false)
  assert.deepEqual(parted.takePart(undefined, all), second)
  assert.equal(parted.written(second!, [1]), true)
})

test('a piece of which nothing is there or under way can be picked afresh', () => {
  const parted = setUp()
  parted.begin(LAST, 7)
  const [first, second] = takeAll(parted, 7)
  assert.equal(parted.giveBack(first!), false)
  assert.equal(parted.giveBack(second!), true)
  assert.equal(parted.hasWaiting, false)
  parted.begin(LAST, undefined)
  assert.equal(takeAll(parted, undefined).length, 2)
})

test('left over is what others have written parts of, and is kept for nobody', () => {
  const parted = setUp()
  parted.begin(LAST, undefined)
  const part = parted.takePart(undefined, all)!
  assert.equal(parted.takeLeftOver(all), undefined)
  parted.written(part, [1])
  assert.equal(
    parted.takeLeftOver(() => false),
    undefined,
  )
  assert.equal(parted.takeLeftOver(all)?.begin, MIB)
})

test('others help from the far end with a piece that somebody reads from its start', () => {
  const parted = setUp()
  parted.begin(FIRST, 7)
  assert.equal(parted.takePart(7, all)?.begin, 0)
  assert.equal(parted.takePart(undefined, all), undefined)
  assert.equal(parted.countAhead(7, { firstPiece: FIRST, pieceCount: 1, begin: 0, length: MIB }), 3)
  const helped = parted.takeKept(8, all)!
  assert.equal(helped.begin, 2 * MIB)
  assert.equal(parted.countAhead(8, helped), 1)
  assert.equal(parted.takePart(7, all)?.begin, MIB)
  assert.equal(parted.takePart(7, all), undefined)
  assert.equal(
    parted.takeKept(7, () => false),
    undefined,
  )
  assert.equal(parted.takeKept(undefined, all)?.begin, 3 * MIB)
  assert.equal(parted.takePart(8, all), undefined)
})

test('nobody helps with a piece that tells who is to blame', () => {
  const parted = setUp()
  parted.begin(FIRST, 7, false)
  assert.equal(parted.takeKept(8, all), undefined)
})
