/**
 * Puts the blocks that come into their place, and takes back what a peer will not send; what each peer is asked
 * for, the {@link RequestChooser} decides. Pure and synchronous: the caller sends the requests, carries full
 * runs to the disk, and reports what became of them.
 */
import { PeerError } from '../core/errors.js'
import { BLOCK_BYTES } from '../core/geometry.js'
import type { BlockPart, BlockRequest } from '../wire/messages.js'
import type { ArenaShare } from './arena.js'
import { checkBlock } from './check-block.js'
import { Claims } from './claims.js'
import type { DownloadPeer } from './download-peer.js'
import type { OpenRun } from './open-run.js'
import { OpenRuns } from './open-runs.js'
import { PartedPieces } from './parted-pieces.js'
import type { PiecePicker } from './piece-picker.js'
import { RequestChooser, STUCK_MS } from './request-chooser.js'
import type { RunGrid } from './run-grid.js'
import { RunOpener } from './run-opener.js'

/** Pieces that are complete do not wait longer for the others of their run. */
const STRAGGLER_MS = 1_500
/** A peer of the fast extension that chokes us gets so long to send or refuse what it was asked for. */
const CHOKED_MS = 3_000
/** A peer may send so much that nobody asked for (cancels and time-outs cross on the way) before it must go. */
const UNWANTED_BYTES = 16 * 1024 * 1024
/** Likewise refusals: not all requests that were taken back are remembered for ever. */
const MOST_UNASKED_REFUSALS = 1_000

/** What the scheduler needs done. Called synchronously, from within its methods. */
export interface SchedulerActions {
  /** All blocks of the run are in its buffer, which is the receiver's now. */
  runFilled(run: OpenRun): void
  /** One piece of a run that is still being filled is complete. Its bytes must be copied before returning. */
  pieceFilled(run: OpenRun, slot: number): void
  /** Somebody else sent the block. */
  cancel(peer: DownloadPeer, request: BlockRequest): void
}

export interface SchedulerParts {
  readonly grid: RunGrid
  readonly picker: PiecePicker
  readonly arena: ArenaShare
  readonly actions: SchedulerActions
}

export class BlockScheduler {
  readonly parted: PartedPieces
  readonly opener: RunOpener
  readonly #grid: RunGrid
  readonly #arena: ArenaShare
  readonly #actions: SchedulerActions
  readonly #runs: OpenRuns
  readonly #claims: Claims
  readonly #peers = new Set<DownloadPeer>()
  readonly #chooser: RequestChooser
  #receivedBytes = 0
  #wastedBytes = 0

  constructor(parts: SchedulerParts) {
    this.#grid = parts.grid
    this.#arena = parts.arena
    this.#actions = parts.actions
    this.#runs = new OpenRuns(parts.grid)
    this.parted = new PartedPieces(parts.grid)
    this.#claims = new Claims(parts.grid, parts.picker)
    const own = { runs: this.#runs, parted: this.parted, claims: this.#claims }
    this.opener = new RunOpener({ ...parts, ...own })
    this.#chooser = new RequestChooser({ ...parts, runs: this.#runs, opener: this.opener })
  }

  /** Payload bytes that came, of use or not. */
  get receivedBytes(): number {
    return this.#receivedBytes
  }

  /** Payload bytes that came in vain: nobody had asked, or somebody else was first. */
  get wastedBytes(): number {
    return this.#wastedBytes
  }

  /** Bytes came that nobody wanted, on the way to others. */
  skipped(bytes: number): void {
    this.#receivedBytes += bytes
    this.#wastedBytes += bytes
  }

  add(peer: DownloadPeer): void {
    this.#peers.add(peer)
  }

  /** Nobody is connected, and for a while nobody will be: memory is let go. */
  abandonAll(): void {
    for (const run of this.#runs) this.#letGo(run)
    this.#arena.wayBytes = 0
  }

  /** The peer has left. */
  remove(peer: DownloadPeer): void {
    this.#peers.delete(peer)
    this.release(peer)
    for (const run of this.#runs) if (run.exclusiveTo === peer.number) run.exclusiveTo = undefined
  }

  /** The peer will not send what it was asked for (it choked us). */
  release(peer: DownloadPeer): void {
    for (const key of [...peer.window.keys()]) {
      peer.window.forget(key)
      this.#releaseKey(key)
    }
    this.standBack(peer)
  }

  /** The peer chokes us, and will say itself which requests it refuses (BEP 6): what was kept for it is for anybody. */
  standBack(peer: DownloadPeer): void {
    this.parted.release(peer.number)
    this.#claims.giveBack(peer)
  }

  /** The peer has lost a piece: what it was asked for of that is for others. True when that was anything. */
  releasePiece(peer: DownloadPeer, index: number): boolean {
    const keys = [...peer.window.keys()].filter((key) => this.#grid.blockOfKey(key).index === index)
    for (const key of keys) {
      peer.window.forget(key)
      this.#releaseKey(key)
    }
    return keys.length > 0
  }

  /**
   * The peer refuses to send a block (BEP 6). True when others can be asked for it now. Throws PeerError when it
   * cannot have been asked for it, or goes on and on about what it was not asked for.
   */
  refused(peer: DownloadPeer, request: BlockRequest, nowMs: number): boolean {
    const index = checkBlock(this.#grid.geometry, request)
    const key = this.#grid.blockKey(request)
    if (!peer.window.expects(key) && ++peer.unaskedRefusals > MOST_UNASKED_REFUSALS) {
      throw new PeerError('BAD_MESSAGE', `${peer.unaskedRefusals} refusals of what was not asked for`)
    }
    if (!peer.window.refused(key)) return false
    this.#releaseKey(key)
    peer.refuse(index, nowMs)
    return true
  }

  /** What to ask the peer for now; at most `most` blocks. All of it is outstanding from here on. */
  request(peer: DownloadPeer, most: number, nowMs: number): BlockRequest[] {
    return this.#chooser.choose(peer, most, nowMs)
  }

  /** Puts a part of a block into its place. Throws PeerError when the peer cannot have been asked for it. */
  accept(peer: DownloadPeer, part: BlockPart, nowMs: number): void {
    this.#receivedBytes += part.bytes.length
    const index = checkBlock(this.#grid.geometry, part)
    const key = this.#grid.blockKey(part)
    const run = this.#runs.at(index, part.begin)
    const block = run === undefined ? -1 : run.blockAt(index, part.begin)
    const isMissing = run !== undefined && !run.isReceived(block)
    if (part.offset === 0) {
      peer.incomingKey = isMissing && run.admits(peer.number) && peer.window.expects(key) ? key : undefined
      peer.incomingRun = run
    }
    const isTaken = isMissing && peer.incomingKey === key && peer.incomingRun === run
    if (isTaken) run.write(block, part.offset, part.bytes, peer.number)
    else this.#waste(peer, part.bytes.length)
    if (part.offset + part.bytes.length < part.length) return
    // A block that was begun for an earlier run answers no request for this one.
    const isAnswer = peer.incomingKey === key && (run === undefined || peer.incomingRun === run)
    const wasAsked = isAnswer && peer.window.received(key, BLOCK_BYTES, nowMs)
    if (isTaken) this.#endBlock(peer, run, { block, part, wasAsked, nowMs })
    peer.incomingKey = undefined
    peer.incomingRun = undefined
  }

  /** The periodic pass: overdue requests, stragglers, memory that is stuck. */
  tick(nowMs: number): void {
    let wayBytes = 0
    for (const peer of this.#peers) {
      peer.tick(nowMs)
      wayBytes += peer.window.wayBytes
      const isLeftWaiting = peer.isChoking && nowMs - peer.chokedMs > CHOKED_MS
      if (isLeftWaiting && peer.window.outstandingCount > 0) this.#releaseChoked(peer)
      for (const key of peer.window.takeOverdue(nowMs)) this.#releaseKey(key)
    }
    this.#arena.wayBytes = wayBytes
    for (const run of this.#runs) {
      if (nowMs - run.openedMs > STRAGGLER_MS) this.#handOverComplete(run)
      if (nowMs - run.touchedMs > STUCK_MS && run.requestedCount === 0) this.#loosen(run)
    }
  }

  /** Nobody works on the run: anybody may, or its memory goes to another. */
  #loosen(run: OpenRun): void {
    if (run.exclusiveTo !== undefined) this.parted.release(run.exclusiveTo)
    run.exclusiveTo = undefined
    if (this.#arena.isShortOf(this.#grid.bufferBytes) || run.isUntouched || this.#isLeftToParole(run))
      this.#letGo(run)
  }

  #letGo(run: OpenRun): void {
    this.#wastedBytes += run.receivedBytes
    this.opener.abandon(run)
  }

  /** A peer on parole could fill the run, though only from the start and alone. */
  #isLeftToParole(run: OpenRun): boolean {
    for (const peer of this.#peers) {
      if (peer.isOnParole && !peer.isChoking && run.isOfUse((index) => peer.has.has(index))) return true
    }
    return false
  }

  /** All of a block is in place, from its first byte on. */
  #endBlock(
    peer: DownloadPeer,
    run: OpenRun,
    end: {
      readonly block: number
      readonly part: BlockPart
      readonly wasAsked: boolean
      readonly nowMs: number
    },
  ): void {
    const { block, part, wasAsked, nowMs } = end
    peer.usefulBytes += part.length
    const otherCount = run.requestersOf(block) - (wasAsked ? 1 : 0)
    run.markReceived(block, nowMs)
    if (otherCount > 0) this.#cancelOthers(peer, run.requestFor(block))
    if (run.isComplete) this.#close(run)
  }

  #cancelOthers(from: DownloadPeer, request: BlockRequest): void {
    const key = this.#grid.blockKey(request)
    for (const peer of this.#peers) {
      if (peer === from || !peer.window.isOutstanding(key)) continue
      peer.window.forget(key)
      this.#actions.cancel(peer, request)
    }
  }

  #waste(peer: DownloadPeer, bytes: number): void {
    this.#wastedBytes += bytes
    peer.unwantedBytes += bytes
    if (peer.unwantedBytes > UNWANTED_BYTES && peer.unwantedBytes > peer.usefulBytes) {
      throw new PeerError('UNWANTED_BLOCKS', `${peer.unwantedBytes} bytes that were not asked for`)
    }
  }

  #close(run: OpenRun): void {
    this.#runs.close(run)
    this.#actions.runFilled(run)
  }

  #handOverComplete(run: OpenRun): void {
    if (this.#grid.partsPerPiece > 1) return
    for (let slot = 0; slot < run.stretch.pieceCount; slot++) {
      if (!run.isPieceComplete(slot) || run.isHandedOver(slot)) continue
      run.markHandedOver(slot)
      this.#actions.pieceFilled(run, slot)
    }
  }

  /** It chokes us and has neither sent nor refused what it was asked for. */
  #releaseChoked(peer: DownloadPeer): void {
    for (const key of [...peer.window.keys()]) {
      if (peer.offers(this.#grid.blockOfKey(key).index)) continue
      peer.window.forget(key)
      this.#releaseKey(key)
    }
  }

  #releaseKey(key: number): void {
    const { index, begin } = this.#grid.blockOfKey(key)
    const run = this.#runs.at(index, begin)
    run?.release(run.blockAt(index, begin))
  }
}
