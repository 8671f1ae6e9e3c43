/**
 * Decides what a peer is asked for: the run that it began last, runs that others began, new ones, and in the end
 * what others are asked for already.
 *
 * Outside the endgame no block is asked of two peers, with one exception: when memory is spent, a run that
 * has not moved for a while may be finished by somebody else, so that slow peers cannot hold all of it.
 */
import { LIMITS } from '../config.js'
import { BLOCK_BYTES, type PieceIndex } from '../core/geometry.js'
import type { BlockRequest } from '../wire/messages.js'
import type { ArenaShare } from './arena.js'
import type { DownloadPeer } from './download-peer.js'
import type { OpenRun } from './open-run.js'
import type { OpenRuns } from './open-runs.js'
import type { RunGrid } from './run-grid.js'
import type { RunOpener } from './run-opener.js'

/** A run that nothing was requested or received for in so long is stuck. */
export const STUCK_MS = 2_000
/** Likewise in so long, and nobody is asked for more: those who filled it have left. */
const ABANDONED_MS = 1_000
/**
 * In the endgame a block is asked of at most so many peers, the last of whom has shown that it delivers; of a
 * run that is stuck, of as many as can be counted: those asked so far may all be mute.
 */
const ENDGAME_PEERS = 3
const STUCK_PEERS = 255
/** A peer is asked for so few such blocks at once. */
const ENDGAME_BLOCKS = 16

export interface RequestChooserParts {
  readonly grid: RunGrid
  readonly arena: ArenaShare
  readonly runs: OpenRuns
  readonly opener: RunOpener
}

export class RequestChooser {
  readonly #grid: RunGrid
  readonly #arena: ArenaShare
  readonly #runs: OpenRuns
  readonly #opener: RunOpener

  constructor(parts: RequestChooserParts) {
    this.#grid = parts.grid
    this.#arena = parts.arena
    this.#runs = parts.runs
    this.#opener = parts.opener
  }

  /** What to ask the peer for now; at most `most` blocks. All of it is outstanding from here on. */
  choose(peer: DownloadPeer, most: number, nowMs: number): BlockRequest[] {
    const requests: BlockRequest[] = []
    if (!peer.isWilling || peer.window.isResting(nowMs)) return requests
    const room = () => Math.min(peer.window.room, most - requests.length)
    if (room() === 0) return requests
    for (const run of this.#candidates(peer, nowMs)) {
      while (room() > 0) {
        if (!this.#goesOn(peer, run)) return requests
        const block = run.takeMissing((index) => peer.offers(index), nowMs)
        if (block === undefined) break
        requests.push(this.#ask(peer, run, block, nowMs))
      }
      if (room() === 0) return requests
    }
    if (peer.isOnParole || peer.window.outstandingCount >= ENDGAME_BLOCKS / 2) return requests
    this.#duplicate(peer, requests, room(), nowMs)
    return requests
  }

  /** What is not part of one stretch costs a request of its own: it is left untouched for whoever is free first. */
  #goesOn(peer: DownloadPeer, run: OpenRun): boolean {
    if (!peer.readsStretches || peer.window.outstandingCount === 0) return true
    const block = run.findMissing((index) => peer.offers(index))
    if (block === undefined) return true
    const gapBytes = this.#placeOf(run.requestFor(block)) - peer.askedEnd
    return gapBytes >= 0 && gapBytes <= LIMITS.webSeedSkipBytes
  }

  /** Runs to take blocks from, best first. Each is begun or looked up only when it is its turn. */
  *#candidates(peer: DownloadPeer, nowMs: number): Generator<OpenRun, void, undefined> {
    if (peer.isOnParole) {
      yield* this.#runs.keptFor(peer)
      return yield* this.#open(peer, nowMs)
    }
    if (peer.run !== undefined && this.#runs.isOpen(peer.run)) yield peer.run
    if (peer.readsStretches) yield* this.#abandoned(peer, nowMs)
    else if (!this.#mayOpenOwn(peer)) yield* this.#runs.joinable(peer)
    yield* this.#open(peer, nowMs)
    // Blocks out of the midst of other runs would cut a long stretch in two: better to wait for memory.
    if (peer.readsStretches && this.#arena.isShortOf(this.#grid.bufferBytes)) return
    yield* this.#runs.joinable(peer)
    yield* this.#runs.joinableByNeed(peer)
  }

  *#open(peer: DownloadPeer, nowMs: number): Generator<OpenRun, void, undefined> {
    for (;;) {
      const run = this.#opener.open(peer, nowMs)
      if (run === undefined) return
      peer.run = run
      yield run
    }
  }

  /** Runs that those who filled them have left. */
  *#abandoned(peer: DownloadPeer, nowMs: number): Generator<OpenRun, void, undefined> {
    for (const run of this.#runs.joinable(peer)) {
      if (run.requestedCount === 0 && nowMs - run.touchedMs > ABANDONED_MS) yield run
    }
  }

  /** A peer that fills a run quickly gets one of its own, while memory is at most half spent. */
  #mayOpenOwn(peer: DownloadPeer): boolean {
    const fillsQuickly = peer.window.blocks * BLOCK_BYTES * 2 >= this.#grid.bufferBytes
    return fillsQuickly && this.#arena.isHalfFree
  }

  /** Asks the peer too for blocks that others are asked for: the last ones, which will come latest. */
  #duplicate(peer: DownloadPeer, requests: BlockRequest[], room: number, nowMs: number): void {
    const isEndgame = this.#opener.isExhausted && !this.#runs.hasMissing
    if (!isEndgame && !this.#arena.isShortOf(this.#grid.bufferBytes)) return
    let left = Math.min(room, ENDGAME_BLOCKS)
    for (const run of this.#runs) {
      const isStuck = nowMs - run.touchedMs >= STUCK_MS
      if (run.exclusiveTo !== undefined || (!isEndgame && !isStuck)) continue
      const mostPeers = isStuck ? STUCK_PEERS : ENDGAME_PEERS - (peer.usefulBytes > 0 ? 0 : 1)
      const allows = (index: number, block: number) => {
        const key = this.#grid.blockKey(run.requestFor(block))
        if (!peer.offers(index) || peer.window.isOutstanding(key)) return false
        return isStuck || !peer.isSiblingAsked(key)
      }
      while (left > 0) {
        const block = run.takeRequested(allows, mostPeers)
        if (block === undefined) break
        requests.push(this.#ask(peer, run, block, nowMs))
        left--
      }
    }
  }

  #ask(peer: DownloadPeer, run: OpenRun, block: number, nowMs: number): BlockRequest {
    const request = run.requestFor(block)
    peer.window.sent(this.#grid.blockKey(request), nowMs)
    if (peer.readsStretches) peer.askedEnd = this.#placeOf(request) + request.length
    return request
  }

  /** In the byte space. */
  #placeOf({ index, begin }: BlockRequest): number {
    return this.#grid.geometry.pieceOffset(index as PieceIndex) + begin
  }
}
