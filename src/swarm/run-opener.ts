/**
 * Begins runs for peers: picks what to fetch, admits it to memory, and takes it back. Nothing is requested
 * that was not admitted here first.
 */
import type { PieceIndex } from '../core/geometry.js'
import { BLOCK_BYTES } from '../core/geometry.js'
import type { ArenaShare } from './arena.js'
import type { Claims } from './claims.js'
import type { DownloadPeer } from './download-peer.js'
import { OpenRun, type RunStretch } from './open-run.js'
import type { OpenRuns } from './open-runs.js'
import type { PartedPieces } from './parted-pieces.js'
import type { PiecePicker, PieceStretch } from './piece-picker.js'
import type { RunGrid } from './run-grid.js'

export interface RunOpenerParts {
  readonly grid: RunGrid
  readonly picker: PiecePicker
  readonly arena: ArenaShare
  readonly runs: OpenRuns
  readonly parted: PartedPieces
  readonly claims: Claims
}

export class RunOpener {
  readonly #grid: RunGrid
  readonly #picker: PiecePicker
  readonly #arena: ArenaShare
  readonly #runs: OpenRuns
  readonly #parted: PartedPieces
  readonly #claims: Claims
  #pickLimit = Number.POSITIVE_INFINITY
  /** The piece whose turn it is, where they go out in order. */
  #turn: number | undefined

  constructor(parts: RunOpenerParts) {
    this.#grid = parts.grid
    this.#picker = parts.picker
    this.#arena = parts.arena
    this.#runs = parts.runs
    this.#parted = parts.parted
    this.#claims = parts.claims
  }

  /** It is this piece's turn to go out, and so many from it on may be held: none behind them is begun. */
  holdFrom(turn: number, mostCount: number): void {
    this.#turn = turn
    this.#pickLimit = turn + mostCount
    this.#picker.touch()
  }

  /** True when everything that is wanted has been begun. */
  get isExhausted(): boolean {
    return this.#picker.remainingCount === 0 && !this.#parted.hasWaiting && this.#claims.isEmpty
  }

  /**
   * How far the peer may expect to go on from `offset` in the byte space: to the end of its run, and of what it has for
   * itself behind that.
   */
  reachOf(peer: DownloadPeer, offset: number): number {
    const { geometry } = this.#grid
    const stretch = peer.run?.stretch
    if (stretch === undefined) return offset
    const begin = geometry.pieceOffset(stretch.firstPiece) + stretch.begin
    const next = stretch.firstPiece + stretch.pieceCount
    const partsEnd =
      begin + stretch.length + this.#parted.countAhead(peer.number, stretch) * this.#grid.bufferBytes
    const piecesEnd = geometry.pieceOffset(next as PieceIndex)
    if (offset < begin || offset > Math.min(partsEnd, piecesEnd)) return offset
    if (partsEnd < piecesEnd) return Math.min(geometry.totalBytes, partsEnd)
    return Math.min(geometry.totalBytes, geometry.pieceOffset(this.#claims.endFrom(peer, next) as PieceIndex))
  }

  /** A run for this peer, or undefined when it has nothing that is wanted or memory is spent. */
  open(peer: DownloadPeer, nowMs: number): OpenRun | undefined {
    if (peer.idleAtVersion === this.#picker.version && !this.#parted.hasWaiting) return undefined
    const { geometry, bufferBytes } = this.#grid
    const spareBytes = this.#mustSpare(peer) ? bufferBytes : 0
    if (!this.#arena.admit(bufferBytes + spareBytes)) return undefined
    this.#arena.withdraw(spareBytes)
    const stretch = this.#pick(peer)
    if (stretch === undefined) {
      peer.idleAtVersion = this.#picker.version
      this.#arena.withdraw(bufferBytes)
      return undefined
    }
    const takeBuffer = () => this.#arena.buffer(bufferBytes)
    const exclusiveTo = peer.isOnParole ? peer.number : undefined
    const run = new OpenRun(geometry, stretch, takeBuffer, { nowMs, isSlow: peer.isSlow, exclusiveTo })
    this.#runs.open(run)
    return run
  }

  /** Ends a run whose blocks nobody is asked for; what it was to fetch can be picked again. */
  abandon(run: OpenRun): void {
    this.#runs.close(run)
    if (run.buffer === undefined) this.#arena.withdraw(this.#grid.bufferBytes)
    else this.#arena.give(run.buffer)
    if (this.#grid.partsPerPiece > 1) {
      if (this.#parted.giveBack(run.stretch)) this.#picker.add(run.stretch.firstPiece)
      else this.#picker.touch()
      return
    }
    for (let slot = 0; slot < run.stretch.pieceCount; slot++) {
      if (!run.isHandedOver(slot)) this.#picker.add((run.stretch.firstPiece + slot) as PieceIndex)
    }
  }

  /**
   * What is held for a piece whose turn it is must not take the last memory, or two streams would wait for ever, each
   * for what the other holds.
   */
  #mustSpare(peer: DownloadPeer): boolean {
    if (this.#turn === undefined) return false
    if (this.#claims.hasOther(peer, this.#turn)) return true
    return this.#picker.has(this.#turn) && !peer.offers(this.#turn)
  }

  #pick(peer: DownloadPeer): RunStretch | undefined {
    const has = (index: number) => index < this.#pickLimit && peer.offers(index)
    if (this.#grid.partsPerPiece === 1) return this.#pickPieces(peer, has)
    const own = this.#parted.takePart(peer.number, has)
    if (own !== undefined) return own
    // A peer on parole takes up what others began only when there is nothing that it could do alone, and so does
    // one that reads long stretches.
    const isAlone = peer.isOnParole || peer.readsStretches
    const shared = isAlone ? undefined : this.#parted.takePart(undefined, has)
    if (shared !== undefined) return shared
    const stretch = this.#take(peer, has, 1)
    if (stretch === undefined) return this.#pickLeftOver(peer, has)
    const keptFor = isAlone ? peer.number : undefined
    this.#parted.begin(stretch.first, keptFor, !peer.isOnParole)
    return this.#parted.takePart(keptFor, has)
  }

  #pickLeftOver(peer: DownloadPeer, has: (index: number) => boolean): RunStretch | undefined {
    if (peer.isOnParole) return this.#parted.takeLeftOver(has)
    const helper = peer.readsStretches ? peer.number : undefined
    return this.#parted.takePart(undefined, has) ?? this.#parted.takeKept(helper, has)
  }

  /**
   * As many small pieces as the peer's window covers: a run should not wait long for its last block. Those of a
   * peer that has brought nothing yet are whole, so that many such peers share few of them.
   */
  #pickPieces(peer: DownloadPeer, has: (index: number) => boolean): RunStretch | undefined {
    const { geometry, piecesPerRun } = this.#grid
    const windowPieces = Math.ceil((peer.window.blocks * BLOCK_BYTES) / geometry.pieceLength)
    const most = peer.usefulBytes === 0 ? piecesPerRun : Math.min(piecesPerRun, Math.max(1, windowPieces))
    const stretch = this.#take(peer, has, most)
    if (stretch === undefined) return undefined
    const last = (stretch.first + stretch.count - 1) as PieceIndex
    const length = (stretch.count - 1) * geometry.pieceLength + geometry.pieceBytes(last)
    return { firstPiece: stretch.first, pieceCount: stretch.count, begin: 0, length }
  }

  #take(peer: DownloadPeer, has: (index: number) => boolean, most: number): PieceStretch | undefined {
    const stretch = this.#takeFree(peer, has, most)
    if (stretch !== undefined || !this.#claims.yieldTo(has)) return stretch
    return this.#takeFree(peer, has, most)
  }

  #takeFree(peer: DownloadPeer, has: (index: number) => boolean, most: number): PieceStretch | undefined {
    if (peer.readsStretches) return this.#claims.take(peer, has, most)
    const stretch = this.#picker.take(has, most, this.#grid.piecesPerRun, peer.pickFrom)
    peer.pickFrom = stretch?.place ?? 0
    return stretch
  }
}
