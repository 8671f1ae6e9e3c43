/** The runs that are in memory and not complete yet: begun, looked up, joined and closed here. */
import type { PieceIndex } from '../core/geometry.js'
import type { DownloadPeer } from './download-peer.js'
import type { OpenRun } from './open-run.js'
import type { RunGrid } from './run-grid.js'

export class OpenRuns {
  readonly #grid: RunGrid
  readonly #byUnit = new Map<number, OpenRun>()
  readonly #all = new Set<OpenRun>()

  constructor(grid: RunGrid) {
    this.#grid = grid
  }

  get count(): number {
    return this.#all.size
  }

  /** Oldest first. */
  [Symbol.iterator](): IterableIterator<OpenRun> {
    return this.#all.values()
  }

  /** Blocks that nobody is asked for, in all runs. */
  get hasMissing(): boolean {
    for (const run of this.#all) if (run.missingCount > 0) return true
    return false
  }

  open(run: OpenRun): void {
    this.#all.add(run)
    for (const unit of this.#unitsOf(run)) this.#byUnit.set(unit, run)
  }

  close(run: OpenRun): void {
    this.#all.delete(run)
    for (const unit of this.#unitsOf(run)) {
      if (this.#byUnit.get(unit) === run) this.#byUnit.delete(unit)
    }
  }

  isOpen(run: OpenRun): boolean {
    return this.#all.has(run)
  }

  /** The run that the block belongs to. */
  at(index: PieceIndex, begin: number): OpenRun | undefined {
    return this.#byUnit.get(this.#grid.unitOf(index, begin))
  }

  /** Runs that only this peer may fill, oldest first. */
  *keptFor(peer: DownloadPeer): Generator<OpenRun, void, undefined> {
    for (const run of this.#all) if (run.exclusiveTo === peer.number) yield run
  }

  /** Runs that the peer may help to fill, oldest first, those of its own speed before the others. */
  *joinable(peer: DownloadPeer): Generator<OpenRun, void, undefined> {
    for (const run of this.#all) if (run.isSlow === peer.isSlow && isJoinable(run)) yield run
  }

  /** Runs of the other speed: for when there is nothing else to do. */
  *joinableByNeed(peer: DownloadPeer): Generator<OpenRun, void, undefined> {
    for (const run of this.#all) if (run.isSlow !== peer.isSlow && isJoinable(run)) yield run
  }

  *#unitsOf(run: OpenRun): Generator<number, void, undefined> {
    const { firstPiece, pieceCount, begin } = run.stretch
    for (let slot = 0; slot < pieceCount; slot++) {
      yield this.#grid.unitOf((firstPiece + slot) as PieceIndex, begin)
    }
  }
}

function isJoinable(run: OpenRun): boolean {
  return run.missingCount > 0 && run.exclusiveTo === undefined
}
