/**
 * Carries full runs from memory to the disk, and what became of them back to the torrent as events. Buffers
 * that are on this way are still counted in the arena, so a slow disk makes peers wait, not memory grow.
 */
import type { PieceIndex } from '../core/geometry.js'
import type { BufferedPiece, PieceStore } from '../storage/piece-store.js'
import type { OpenRun } from '../swarm/open-run.js'
import type { RunGrid } from '../swarm/run-grid.js'
import type { PieceOutcome, TorrentEvent } from './torrent-event.js'

export interface PieceFlowParts {
  readonly grid: RunGrid
  readonly store: PieceStore
  readonly apply: (event: TorrentEvent) => void
}

interface SourcedPiece extends BufferedPiece {
  readonly sources: ReadonlySet<number>
}

export class PieceFlow {
  readonly #grid: RunGrid
  readonly #store: PieceStore
  readonly #apply: (event: TorrentEvent) => void
  readonly #journeys = new Set<Promise<void>>()

  constructor(parts: PieceFlowParts) {
    this.#grid = parts.grid
    this.#store = parts.store
    this.#apply = parts.apply
  }

  /** Runs and pieces that the disk has not answered for, but for those that wait for others to come in. */
  get underWayCount(): number {
    return Math.max(0, this.#journeys.size - this.#store.waitingCount)
  }

  /** Resolves when nothing is under way, nor what followed from it, such as verifying a piece that came in parts. */
  async idle(): Promise<void> {
    while (this.#journeys.size > 0) await Promise.all(this.#journeys)
  }

  /** All of the run's blocks are in its buffer. */
  sendRun(run: OpenRun): void {
    if (this.#grid.partsPerPiece > 1) this.#carry(this.#writePart(run))
    else this.#carry(this.#storePieces(run))
  }

  /** One piece of a run that still waits for others: its bytes go as a copy. */
  sendPiece(run: OpenRun, slot: number): void {
    const { geometry } = this.#grid
    const index = (run.stretch.firstPiece + slot) as PieceIndex
    const offset = slot * geometry.pieceLength
    const copy = run.buffer!.slice(offset, offset + geometry.pieceBytes(index))
    this.#carry(this.#storeCopy(copy, { index, offset: 0, sources: run.sourcesOf(slot) }))
  }

  /** All parts of a large piece are on disk. */
  verify(index: PieceIndex, sources: ReadonlySet<number>): void {
    this.#carry(
      this.#store.verifyPiece(index).then((verdict) => ({
        type: 'piecesDone',
        outcomes: [{ index, verdict, sources }],
      })),
    )
  }

  async #storePieces(run: OpenRun): Promise<TorrentEvent> {
    const pieces: SourcedPiece[] = []
    for (let slot = 0; slot < run.stretch.pieceCount; slot++) {
      if (run.isHandedOver(slot)) continue
      const index = (run.stretch.firstPiece + slot) as PieceIndex
      pieces.push({ index, offset: slot * this.#grid.geometry.pieceLength, sources: run.sourcesOf(slot) })
    }
    const { buffer, verdicts } = await this.#store.storePieces(run.buffer!, pieces)
    const outcomes = pieces.map(
      ({ index, sources }, at): PieceOutcome => ({ index, sources, verdict: verdicts[at]! }),
    )
    return { type: 'piecesDone', outcomes, buffer }
  }

  async #storeCopy(copy: ArrayBuffer, { sources, ...piece }: SourcedPiece): Promise<TorrentEvent> {
    const { verdicts } = await this.#store.storePieces(copy, [piece])
    return { type: 'piecesDone', outcomes: [{ index: piece.index, sources, verdict: verdicts[0]! }] }
  }

  async #writePart(run: OpenRun): Promise<TorrentEvent> {
    const { stretch } = run
    const { begin, length } = stretch
    const part = { index: stretch.firstPiece, begin, offset: 0, length }
    const buffer = await this.#store.writePart(run.buffer!, part)
    return { type: 'partWritten', stretch, sources: run.sourcesOf(0), buffer }
  }

  #carry(task: Promise<TorrentEvent>): void {
    const journey = task
      .catch((error: Error): TorrentEvent => ({ type: 'failed', error }))
      .then((event) => {
        this.#journeys.delete(journey)
        this.#apply(event)
      })
      .catch((error: Error) => this.#apply({ type: 'failed', error }))
    this.#journeys.add(journey)
  }
}
