import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Bitfield } from '../../src/core/bitfield.js'
import { BLOCK_BYTES, Geometry, type PieceIndex } from '../../src/core/geometry.js'
import { DownloadPeer } from '../../src/swarm/download-peer.js'
import { OpenRun } from '../../src/swarm/open-run.js'
import { OpenRuns } from '../../src/swarm/open-runs.js'
import { RequestWindow } from '../../src/swarm/request-window.js'
import { RunGrid } from '../../src/swarm/run-grid.js'

const MIB = 1024 * 1024
const PIECE_BYTES = 64 * 1024

interface Options {
  readonly isSlow?: boolean
  readonly exclusiveTo?: number
}

function setUp(pieceLength = PIECE_BYTES) {
  const totalBytes = 8 * pieceLength
  const geometry = new Geometry(totalBytes, pieceLength, [{ offset: 0, length: totalBytes }])
  const runs = new OpenRuns(new RunGrid(geometry, 16 * MIB))
  const open = (firstPiece: number, pieceCount: number, options: Options = {}, begin = 0) => {
    const length = begin > 0 ? MIB : pieceCount * pieceLength
    const stretch = { firstPiece: firstPiece as PieceIndex, pieceCount, begin, length }
    const run = new OpenRun(geometry, stretch, () => new ArrayBuffer(length), {
      nowMs: 0,
      isSlow: options.isSlow ?? false,
      exclusiveTo: options.exclusiveTo,
    })
    runs.open(run)
    return run
  }
  return { runs, open }
}

/** A new peer is not slow; one that is left two blocks is. */
function peer(number: number, isSlow = false): DownloadPeer {
  const window = new RequestWindow({ reqq: isSlow ? 2 : 250, requestMinMs: 1, requestMaxMs: 1 }, 0)
  return new DownloadPeer(number, new Bitfield(8), window)
}

function takeAll(run: OpenRun): void {
  while (run.takeMissing(() => true, 0) !== undefined);
}

test('a block is found in the run of its piece, as long as that is open', () => {
  const { runs, open } = setUp()
  const [pair, single] = [open(2, 2), open(5, 1)]
  assert.equal(runs.at(2 as PieceIndex, 0), pair)
  assert.equal(runs.at(3 as PieceIndex, 3 * BLOCK_BYTES), pair)
  assert.equal(runs.at(5 as PieceIndex, 0), single)
  assert.equal(runs.at(4 as PieceIndex, 0), undefined)
  runs.close(pair)
  assert.equal(runs.at(3 as PieceIndex, 0), undefined)
  assert.deepEqual([runs.isOpen(pair), runs.isOpen(single), runs.count], [false, true, 1])
})

test('a block of a large piece is found in the run of its part', () => {
  const { runs, open } = setUp(3 * MIB)
  const second = open(1, 1, {}, MIB)
  assert.equal(runs.at(1 as PieceIndex, 2 * MIB - BLOCK_BYTES), second)
  assert.equal(runs.at(1 as PieceIndex, MIB - BLOCK_BYTES), undefined)
  assert.equal(runs.at(1 as PieceIndex, 2 * MIB), undefined)
})

test('a piece that is fetched again belongs to its new run, also when the old one closes', () => {
  const { runs, open } = setUp()
  const old = open(2, 2)
  const fresh = open(2, 1)
  assert.equal(runs.at(2 as PieceIndex, 0), fresh)
  assert.equal(runs.at(3 as PieceIndex, 0), old)
  runs.close(old)
  assert.equal(runs.at(2 as PieceIndex, 0), fresh)
  assert.equal(runs.at(3 as PieceIndex, 0), undefined)
})

test('a peer may join the open runs of its own speed, oldest first, and the others when in need', () => {
  const { runs, open } = setUp()
  const [slow, fast, faster] = [open(0, 1, { isSlow: true }), open(1, 1), open(2, 1)]
  assert.deepEqual([...runs.joinable(peer(1))], [fast, faster])
  assert.deepEqual([...runs.joinableByNeed(peer(1))], [slow])
  assert.deepEqual([...runs.joinable(peer(2, true))], [slow])
  assert.deepEqual([...runs.joinableByNeed(peer(2, true))], [fast, faster])
})

test('nobody joins a run that is kept for one peer, or of which every block is asked for', () => {
  const { runs, open } = setUp()
  const [kept, asked] = [open(0, 1, { exclusiveTo: 7 }), open(1, 1)]
  assert.ok(runs.hasMissing)
  takeAll(asked)
  assert.deepEqual([...runs.joinable(peer(7)), ...runs.joinableByNeed(peer(7))], [])
  assert.deepEqual([...runs.keptFor(peer(7))], [kept])
  assert.deepEqual([...runs.keptFor(peer(8))], [])
  takeAll(kept)
  assert.equal(runs.hasMissing, false)
})
