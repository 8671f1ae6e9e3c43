import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { BLOCK_BYTES, Geometry, type PieceIndex } from '../../src/core/geometry.js'
import { OpenRun, type RunStretch } from '../../src/swarm/open-run.js'
import { payloadBytes } from '../kit/payload.js'

interface Setup {
  readonly geometry: Geometry
  readonly stretch: RunStretch
}

/** Some whole pieces, the last of the torrent among them or not; or a part of a large piece. */
const setups: fc.Arbitrary<Setup> = fc.oneof(
  fc
    .record({
      pieceLength: fc.constantFrom(1_000, 16_384, 20_000, 40_000),
      pieceCount: fc.integer({ min: 1, max: 5 }),
      firstPiece: fc.nat(3),
      lastBytes: fc.integer({ min: 1, max: 1_000 }),
    })
    .map(({ pieceLength, pieceCount, firstPiece, lastBytes }) => {
      const length = (pieceCount - 1) * pieceLength + lastBytes
      const geometry = torrent(firstPiece * pieceLength + length, pieceLength)
      return { geometry, stretch: { firstPiece: firstPiece as PieceIndex, pieceCount, begin: 0, length } }
    }),
  fc.integer({ min: 1, max: 65_536 }).map((length) => {
    const begin = 2 * 65_536
    const geometry = torrent(500_000 + begin + length, 500_000)
    return { geometry, stretch: { firstPiece: 1 as PieceIndex, pieceCount: 1, begin, length } }
  }),
)

function torrent(totalBytes: number, pieceLength: number): Geometry {
  return new Geometry(totalBytes, pieceLength, [{ offset: 0, length: totalBytes }])
}

function open({ geometry, stretch }: Setup): OpenRun {
  const takeBuffer = () => new ArrayBuffer(stretch.pieceCount * geometry.pieceLength)
  return new OpenRun(geometry, stretch, takeBuffer, { nowMs: 0, isSlow: false, exclusiveTo: undefined })
}

const all = () => true

test('the blocks of a run are asked for once each, and cover it', () => {
  fc.assert(
    fc.property(setups, ({ geometry, stretch }) => {
      const run = open({ geometry, stretch })
      const start = geometry.pieceOffset(stretch.firstPiece) + stretch.begin
      let at = start
      for (let block = run.takeMissing(all, 1); block !== undefined; block = run.takeMissing(all, 1)) {
        const request = run.requestFor(block)
        assert.equal(run.blockAt(request.index, request.begin), block)
        assert.equal(geometry.pieceOffset(request.index as PieceIndex) + request.begin, at)
        assert.ok(request.length > 0 && request.length <= BLOCK_BYTES)
        at += request.length
      }
      assert.equal(at, start + stretch.length)
    }),
  )
})

test('bytes that come in any order and any parts end in their place', () => {
  fc.assert(
    fc.property(setups, fc.integer({ min: 1, max: 20_000 }), fc.boolean(), (setup, partBytes, isReversed) => {
      const { geometry, stretch } = setup
      const run = open(setup)
      const blocks = Array.from({ length: run.blockCount }, (_, block) => block)
      for (const block of isReversed ? blocks.reverse() : blocks) {
        const { index, begin, length } = run.requestFor(block)
        const bytes = payloadBytes(geometry.pieceOffset(index as PieceIndex) + begin, length)
        for (let at = 0; at < length; at += partBytes)
          run.write(block, at, bytes.subarray(at, at + partBytes), 1)
        run.markReceived(block, 1)
      }
      assert.ok(run.isComplete)
      const expected = payloadBytes(geometry.pieceOffset(stretch.firstPiece) + stretch.begin, stretch.length)
      assert.ok(Buffer.from(run.buffer!).subarray(0, stretch.length).equals(expected))
    }),
  )
})

const changes = fc.array(
  fc.record({
    kind: fc.constantFrom('take', 'take', 'takeAgain', 'release', 'write', 'receive'),
    block: fc.nat(40),
    peer: fc.integer({ min: 1, max: 4 }),
  }),
  { maxLength: 100 },
)

/** A block in the plainest form: how many are asked for it, who wrote to it, and whether it is there. */
interface BlockModel {
  askedCount: number
  isReceived: boolean
  readonly sources: Set<number>
}

test('its counts are those of a plain list of blocks, whatever happens to them', () => {
  fc.assert(
    fc.property(setups, changes, (setup, steps) => {
      const run = open(setup)
      const model = Array.from({ length: run.blockCount }, (): BlockModel => {
        return { askedCount: 0, isReceived: false, sources: new Set() }
      })
      const pieceOf = (block: number) => run.requestFor(block).index
      for (const { kind, block: raw, peer } of steps) {
        const block = raw % run.blockCount
        const has = (index: number) => index % 4 !== peer - 1
        if (kind === 'take') {
          const expected = model.findIndex((b, at) => !b.isReceived && b.askedCount === 0 && has(pieceOf(at)))
          assert.equal(run.takeMissing(has, 1) ?? -1, expected)
          if (expected >= 0) model[expected]!.askedCount = 1
        } else if (kind === 'takeAgain') {
          const isOpen = (b: BlockModel) => !b.isReceived && b.askedCount > 0 && b.askedCount < 3
          const expected = model.findLastIndex((b, at) => isOpen(b) && has(pieceOf(at)))
          assert.equal(run.takeRequested(has, 3) ?? -1, expected)
          if (expected >= 0) model[expected]!.askedCount++
        } else if (kind === 'release' && model[block]!.askedCount > 0) {
          run.release(block)
          model[block]!.askedCount--
        } else if (kind === 'write' && !model[block]!.isReceived) {
          run.write(block, 0, Uint8Array.of(1), peer)
          model[block]!.sources.add(peer)
        } else if (kind === 'receive' && !model[block]!.isReceived) {
          run.markReceived(block, 1)
          model[block]!.isReceived = true
        }
        checkCounts(run, model, setup.stretch)
      }
    }),
    { numRuns: 300 },
  )
})

function checkCounts(run: OpenRun, model: readonly BlockModel[], stretch: RunStretch): void {
  const open = model.filter((block) => !block.isReceived)
  assert.equal(run.missingCount, open.filter(({ askedCount }) => askedCount === 0).length)
  assert.equal(run.requestedCount, open.filter(({ askedCount }) => askedCount > 0).length)
  assert.equal(run.isComplete, open.length === 0)
  assert.equal(run.isUntouched, open.length === model.length)
  for (const [block, { isReceived }] of model.entries()) assert.equal(run.isReceived(block), isReceived)
  for (let slot = 0; slot < stretch.pieceCount; slot++) {
    const own = model.filter((_, block) => run.requestFor(block).index === stretch.firstPiece + slot)
    assert.equal(
      run.isPieceComplete(slot),
      own.every(({ isReceived }) => isReceived),
    )
    const sources = own.flatMap((block) => [...block.sources])
    assert.deepEqual([...run.sourcesOf(slot)].sort(), [...new Set(sources)].sort())
  }
}

test('a run takes no memory before its first byte comes', () => {
  const run = open({
    geometry: torrent(100_000, 50_000),
    stretch: { firstPiece: 0 as PieceIndex, pieceCount: 2, begin: 0, length: 100_000 },
  })
  const heldBytes = () => run.buffer?.byteLength
  run.takeMissing(all, 1)
  assert.equal(heldBytes(), undefined)
  run.write(0, 0, Uint8Array.of(1), 1)
  assert.equal(heldBytes(), 100_000)
})
