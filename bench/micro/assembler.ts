import { BLOCK_BYTES, Geometry, type PieceIndex } from '../../src/core/geometry.js'
import { OpenRun } from '../../src/swarm/open-run.js'
import type { MicroSuite } from '../micro-suite.js'

const RUN_BYTES = 1024 * 1024
/** A block that did not arrive in one read comes in parts. */
const PART_BYTES = 6_000

/** Blocks requested, copied into their places and marked, until a run is full. */
export function assemblerSuite(): MicroSuite {
  return {
    tasks: [
      { name: '1 piece of 1 MiB, whole blocks', bytes: RUN_BYTES, run: filling(RUN_BYTES, BLOCK_BYTES) },
      {
        name: '1 piece of 1 MiB, blocks in three parts',
        bytes: RUN_BYTES,
        run: filling(RUN_BYTES, PART_BYTES),
      },
      { name: '64 pieces of 16 KiB, whole blocks', bytes: RUN_BYTES, run: filling(BLOCK_BYTES, BLOCK_BYTES) },
    ],
  }
}

function filling(pieceLength: number, partBytes: number): () => boolean {
  const geometry = new Geometry(RUN_BYTES, pieceLength, [{ offset: 0, length: RUN_BYTES }])
  const stretch = {
    firstPiece: 0 as PieceIndex,
    pieceCount: geometry.pieceCount,
    begin: 0,
    length: RUN_BYTES,
  }
  const buffer = new ArrayBuffer(RUN_BYTES)
  const block = Buffer.alloc(BLOCK_BYTES, 7)
  return () => {
    const run = new OpenRun(geometry, stretch, () => buffer, {
      nowMs: 0,
      isSlow: false,
      exclusiveTo: undefined,
    })
    for (;;) {
      const number = run.takeMissing(() => true, 0)
      if (number === undefined) return run.isComplete
      for (let at = 0; at < BLOCK_BYTES; at += partBytes) {
        run.write(number, at, block.subarray(at, at + partBytes), 1)
      }
      run.markReceived(number, 0)
    }
  }
}
