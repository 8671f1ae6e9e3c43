/** Everything that changes a torrent's state, apart from the blocks on their way into memory. */
import type { Bitfield } from '../core/bitfield.js'
import type { PieceIndex } from '../core/geometry.js'
import type { Verdict } from '../storage/piece-tasks.js'
import type { RunStretch } from '../swarm/open-run.js'

/** What became of a piece, and the numbers of the peers whose bytes were in it. */
export interface PieceOutcome {
  readonly index: PieceIndex
  readonly verdict: Verdict
  readonly sources: ReadonlySet<number>
}

export type TorrentEvent =
  /** Existing data has been hashed: these pieces are there. */
  | { readonly type: 'checked'; readonly have: Bitfield }
  /** The disk (or the hash) has dealt with pieces; `buffer` is free again, when it came from the arena. */
  | { readonly type: 'piecesDone'; readonly outcomes: readonly PieceOutcome[]; readonly buffer?: ArrayBuffer }
  /** A part of a large piece is on disk. */
  | {
      readonly type: 'partWritten'
      readonly stretch: RunStretch
      readonly sources: ReadonlySet<number>
      readonly buffer: ArrayBuffer
    }
  /** Every file has its final form. */
  | { readonly type: 'finished' }
  /** It has been seeded enough. */
  | { readonly type: 'seeded' }
  | { readonly type: 'paused' | 'resumed' | 'recheck' }
  /** The torrent cannot go on. */
  | { readonly type: 'failed'; readonly error: Error }
  /** Its user wants no more of it. */
  | { readonly type: 'stopped' }
