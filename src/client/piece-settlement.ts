/**
 * What follows when the disk has answered: a piece is there, or somebody is to blame; memory is free again;
 * an ordered output may go further.
 */
import type { PieceStore } from '../storage/piece-store.js'
import type { RunGrid } from '../swarm/run-grid.js'
import type { ClientResources } from './client-resources.js'
import type { PieceLedger } from './piece-ledger.js'
import type { TorrentNotice } from './progress.js'
import type { TorrentDownload } from './torrent-download.js'
import type { PieceOutcome, TorrentEvent } from './torrent-event.js'
import type { CheckedTorrentOptions } from './torrent-options.js'

export interface SettlementParts {
  readonly download: TorrentDownload
  readonly pieces: PieceLedger
  readonly grid: RunGrid
  /** How many pieces beyond the first missing one may be held for an output that takes them in order. */
  readonly heldPieceCount: number
  readonly resources: ClientResources
  readonly store: PieceStore
  readonly options: CheckedTorrentOptions
  readonly notify: (notice: TorrentNotice) => void
  readonly apply: (event: TorrentEvent) => void
}

export class PieceSettlement {
  readonly #parts: SettlementParts

  constructor(parts: SettlementParts) {
    this.#parts = parts
  }

  /** The buffer of a run has come back: the arena learns how the disk keeps up. */
  takeBack(buffer: ArrayBuffer): void {
    const { download, resources } = this.#parts
    download.arena.give(buffer)
    resources.arena.pace(buffer.byteLength, resources.pool.waitingCount)
  }

  settle({ index, verdict, sources }: PieceOutcome): void {
    const { download, pieces, notify } = this.#parts
    const { picker, swarm } = download
    if (verdict === 'stored') {
      pieces.add(index)
      swarm.reputation.clear(sources)
      swarm.pieceStored(index)
      return
    }
    picker.add(index)
    notify({ type: 'pieceCorrupt', piece: index, peers: swarm.reputation.blame(sources) })
    swarm.released()
  }

  /** A part is on disk; after the last one the whole piece can be verified. */
  settlePart({ stretch, sources }: Extract<TorrentEvent, { type: 'partWritten' }>): void {
    const { scheduler, flow } = this.#parts.download
    if (!scheduler.parted.written(stretch, sources)) return
    flow.verify(stretch.firstPiece, scheduler.parted.end(stretch.firstPiece))
  }

  /** What the disk had taken when the torrent ended is worth remembering. */
  noteLate(event: TorrentEvent): void {
    if (event.type !== 'piecesDone') return
    for (const { index, verdict } of event.outcomes) if (verdict === 'stored') this.#parts.pieces.add(index)
  }

  /** An ordered output holds pieces until all before them are there: no more than memory has room for. */
  limitHeld(): void {
    const { heldPieceCount, pieces, download } = this.#parts
    if (heldPieceCount === Number.POSITIVE_INFINITY) return
    download.scheduler.opener.holdFrom(pieces.lowestMissing, heldPieceCount)
  }

  /** Nothing is missing: files get their final form, unless they are somebody else's. Ends in an event. */
  finishFiles(): void {
    const { store, options, apply } = this.#parts
    const finishing = options.download ? store.finish() : Promise.resolve()
    finishing
      .then(() => apply({ type: 'finished' }))
      .catch((error: Error) => apply({ type: 'failed', error }))
  }
}
