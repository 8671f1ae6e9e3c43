/**
 * One download and all its state. It changes only inside `apply`, which never awaits; what takes time starts
 * elsewhere and comes back as an event. Peers, pieces on their way, and trackers are its collaborators, each
 * with a narrow view of it.
 */
import { StoppedError } from '../core/errors.js'
import { addressKey, type PeerAddress } from '../core/peer-address.js'
import { RateMeter } from '../core/rate-meter.js'
import type { Metainfo } from '../metainfo/metainfo.js'
import type { PieceStore } from '../storage/piece-store.js'
import type { RunGrid } from '../swarm/run-grid.js'
import type { ClientResources } from './client-resources.js'
import { NoticeBoard } from './notice-board.js'
import { Patience } from './patience.js'
import { PieceLedger } from './piece-ledger.js'
import type { TorrentNotice, TorrentPhase, TorrentProgress, TorrentResult } from './progress.js'
import type { Selection } from './selection.js'
import { describeStall } from './stall.js'
import { type TorrentDownload, wireDownload } from './torrent-download.js'
import type { PieceOutcome, TorrentEvent } from './torrent-event.js'
import type { CheckedTorrentOptions } from './torrent-options.js'
import { TrackerLink } from './tracker-link.js'

/** The rate that is shown is an average over this time. */
const RATE_WINDOW_MS = 5_000

export interface TorrentParts {
  readonly metainfo: Metainfo
  readonly selection: Selection
  readonly options: CheckedTorrentOptions
  readonly peers: readonly PeerAddress[]
  readonly grid: RunGrid
  readonly store: PieceStore
  /** Absolute paths of the selected files; empty for a stream. */
  readonly filePaths: readonly string[]
  /** How many pieces beyond the first missing one may be held for an output that takes them in order. */
  readonly heldPieceCount: number
  readonly mustBeSequential: boolean
  readonly resources: ClientResources
  /** It has let go of everything. */
  readonly onEnded: (torrent: Torrent) => void
}

export class Torrent {
  readonly metainfo: Metainfo
  /** Resolves when every selected byte is verified and on disk; rejects when the torrent ends before. */
  readonly done: Promise<TorrentResult>

  readonly #parts: TorrentParts
  readonly #download: TorrentDownload
  readonly #trackers: TrackerLink | undefined
  readonly #pieces: PieceLedger
  readonly #patience: Patience
  readonly #rate = new RateMeter(RATE_WINDOW_MS)
  readonly #notices = new NoticeBoard((error) => {
    if (this.#isOver) this.#reject(error)
    else this.apply({ type: 'failed', error })
  })
  readonly #checking = new AbortController()
  readonly #startedMs: number
  #phase: TorrentPhase = 'checking'
  #checkedBytes = 0
  #bytesToCheck = 0
  /** Nothing is missing: the files get their final form. */
  #isFinishing = false
  /** It is letting go of everything. */
  #ending: Promise<void> | undefined
  #farewell: Promise<void> | undefined
  #resolve!: (result: TorrentResult) => void
  #reject!: (error: Error) => void

  constructor(parts: TorrentParts) {
    this.#parts = parts
    this.metainfo = parts.metainfo
    this.#pieces = new PieceLedger(parts.selection)
    this.#startedMs = parts.resources.clock.now()
    this.#patience = new Patience(parts.options.giveUpAfterMs, this.#startedMs)
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    this.done.catch(() => {}) // a caller that does not wait for it is not to be punished for its failure
    this.#download = wireDownload({
      ...parts,
      infoHash: parts.metainfo.infoHash.bytes,
      apply: (event) => this.apply(event),
      pieces: this.#pieces,
      blocks: undefined,
      peerBanned: (address, code) => {
        this.#notices.post({ type: 'peerBanned', peer: addressKey(address), code })
      },
    })
    this.#trackers = this.#linkTrackers()
  }

  /** Looks at what is on disk already, then downloads the rest. Never rejects: see `done`. */
  async start(): Promise<void> {
    const { store, selection, peers } = this.#parts
    this.#download.swarm.addAddresses(peers)
    try {
      const have = await store.verifyExisting({
        onProgress: (checkedBytes, bytesToCheck) => this.#noteChecked(checkedBytes, bytesToCheck),
        signal: this.#checking.signal,
      })
      if (!selection.isAmong(have)) {
        await store.prepare((allocatedBytes, bytesToAllocate) =>
          this.#noteChecked(allocatedBytes, bytesToAllocate),
        )
      }
      this.apply({ type: 'checked', have })
    } catch (error) {
      this.apply({ type: 'failed', error: error as Error })
    }
  }

  /** The one door through which this torrent's state changes. Never awaits. */
  apply(event: TorrentEvent): void {
    if ('buffer' in event && event.buffer !== undefined) this.#takeBack(event.buffer)
    if (this.#isOver) return
    switch (event.type) {
      case 'checked':
        this.#pieces.addAll(event.have)
        return this.#beginDownload()
      case 'piecesDone':
        for (const outcome of event.outcomes) this.#settle(outcome)
        return this.#goOn()
      case 'partWritten':
        this.#settlePart(event)
        return this.#goOn()
      case 'finished':
        return this.#end('complete', () => this.#resolve(this.#result()))
      case 'failed':
        return this.#end('failed', () => this.#reject(event.error))
      case 'stopped':
        return this.#end('stopped', () => this.#reject(new StoppedError('stopped before it was complete')))
      default:
        return event satisfies never
    }
  }

  /** The periodic pass. */
  tick(nowMs: number): void {
    if (this.#phase !== 'downloading' || this.#isFinishing) return
    const { swarm, scheduler, flow } = this.#download
    swarm.tick(nowMs)
    this.#rate.look(scheduler.receivedBytes, nowMs)
    const prospects = {
      receivedBytes: scheduler.receivedBytes,
      connectedPeers: swarm.connectedCount,
      hasSources: this.#trackers?.isHopeful === true || !swarm.book.isExhausted,
      isWriting: flow.underWayCount > 0,
      stall: this.#stall(),
    }
    const error = this.#patience.judge(prospects, nowMs)
    if (error !== undefined) this.apply({ type: 'failed', error })
  }

  /** What a rate limit held back. To be called more often than `tick`. */
  pumpThrottled(): void {
    if (this.#phase === 'downloading') this.#download.swarm.pumpThrottled()
  }

  progress(): TorrentProgress {
    const { swarm, scheduler } = this.#download
    const { totalBytes } = this.#parts.selection
    const isRunning = this.#phase === 'downloading'
    const rate = isRunning ? this.#rate.perSecond : 0
    const leftBytes = totalBytes - this.#pieces.completedBytes
    return {
      phase: this.#phase,
      infoHash: this.metainfo.infoHash.hex,
      name: this.metainfo.name,
      totalBytes,
      completedBytes: this.#pieces.completedBytes,
      checkedBytes: this.#checkedBytes,
      bytesToCheck: this.#bytesToCheck,
      downloadedBytes: scheduler.receivedBytes,
      wastedBytes: scheduler.wastedBytes,
      downloadBytesPerSecond: rate,
      etaSeconds: isRunning && rate > 0 ? leftBytes / rate : undefined,
      connectedPeers: swarm.connectedCount,
      unchokedPeers: swarm.unchokedCount,
      knownPeers: swarm.book.size,
      pieceCount: this.metainfo.geometry.pieceCount,
      verifiedPieces: this.#pieces.have.count,
      stall: isRunning && rate === 0 ? this.#stall() : undefined,
    }
  }

  /** Hears of everything that happens from now on. The function that is returned ends that. */
  onNotice(listener: (notice: TorrentNotice) => void): () => void {
    return this.#notices.listen(listener)
  }

  /** Ends the download; `done` rejects with StoppedError unless it was over already. What is verified stays. */
  async stop(): Promise<void> {
    this.apply({ type: 'stopped' })
    await this.#ending
    await this.#farewell
  }

  get #isOver(): boolean {
    return this.#phase === 'complete' || this.#phase === 'stopped' || this.#phase === 'failed'
  }

  #linkTrackers(): TrackerLink | undefined {
    const { options, metainfo, resources, selection } = this.#parts
    if (!options.useTrackers || metainfo.trackers.length === 0) return undefined
    const { swarm, scheduler } = this.#download
    return new TrackerLink(metainfo, resources, {
      stats: () => ({
        uploaded: 0,
        downloaded: scheduler.receivedBytes,
        left: selection.totalBytes - this.#pieces.completedBytes,
      }),
      wantsPeers: () => this.#phase === 'downloading' && !swarm.isFull,
      addAddresses: (addresses) => swarm.addAddresses(addresses),
      notify: (notice) => this.#notices.post(notice),
      failed: (error) => this.apply({ type: 'failed', error }),
    })
  }

  #noteChecked(checkedBytes: number, bytesToCheck: number): void {
    this.#checkedBytes = checkedBytes
    this.#bytesToCheck = bytesToCheck
  }

  #beginDownload(): void {
    this.#enter('downloading')
    if (this.#isOver) return // who heard of it has stopped it
    if (this.#pieces.missingCount === 0) return this.#finish()
    for (const index of this.#pieces.missing()) this.#download.picker.add(index)
    this.#limitHeld()
    this.#download.swarm.open()
    this.#trackers?.start()
  }

  #settle({ index, verdict, sources }: PieceOutcome): void {
    const { picker, swarm } = this.#download
    if (verdict === 'stored') {
      this.#pieces.add(index)
      swarm.reputation.clear(sources)
      swarm.pieceStored(index)
      return
    }
    picker.add(index)
    const suspects = swarm.reputation.blame(sources)
    this.#notices.post({ type: 'pieceCorrupt', piece: index, peers: suspects.map(addressKey) })
    swarm.released()
  }

  /** A part is on disk; after the last one the whole piece can be verified. */
  #settlePart({ stretch, sources }: Extract<TorrentEvent, { type: 'partWritten' }>): void {
    const { parted } = this.#download.scheduler
    if (!parted.written(stretch, sources)) return
    this.#download.flow.verify(stretch.firstPiece, parted.end(stretch.firstPiece))
  }

  /** Something left memory: others may use it, and perhaps that was all. */
  #goOn(): void {
    if (this.#isOver || this.#isFinishing) return
    this.#limitHeld()
    if (this.#pieces.missingCount === 0) this.#finish()
    else this.#download.swarm.refillHungry()
  }

  #takeBack(buffer: ArrayBuffer): void {
    const { arena, pool } = this.#parts.resources
    this.#download.arena.give(buffer)
    arena.pace(buffer.byteLength, pool.waitingCount)
  }

  #limitHeld(): void {
    const { heldPieceCount } = this.#parts
    if (heldPieceCount === Number.POSITIVE_INFINITY) return
    this.#download.scheduler.opener.limitTo(this.#pieces.lowestMissing + heldPieceCount)
  }

  #finish(): void {
    this.#isFinishing = true
    this.#download.swarm.close()
    if (this.#download.scheduler.receivedBytes > 0) this.#trackers?.completed()
    this.#parts.store.finish().then(
      () => this.apply({ type: 'finished' }),
      (error: Error) => this.apply({ type: 'failed', error }),
    )
  }

  /** Lets go of everything; `settle` then tells the caller. Trackers hear of it meanwhile. */
  #end(phase: TorrentPhase, settle: () => void): void {
    this.#enter(phase)
    this.#checking.abort()
    this.#download.swarm.close()
    this.#farewell = this.#trackers?.stop()
    this.#ending = this.#parts.store
      .close()
      .then(() => this.#download.arena.leave())
      .then(settle, (error: Error) => this.#reject(error))
      .then(() => this.#parts.onEnded(this))
  }

  #enter(phase: TorrentPhase): void {
    this.#phase = phase
    this.#notices.post({ type: 'phase', phase })
  }

  #result(): TorrentResult {
    const { scheduler } = this.#download
    return {
      infoHash: this.metainfo.infoHash.hex,
      name: this.metainfo.name,
      files: this.#parts.filePaths,
      totalBytes: this.#parts.selection.totalBytes,
      downloadedBytes: scheduler.receivedBytes,
      wastedBytes: scheduler.wastedBytes,
      elapsedMs: this.#parts.resources.clock.now() - this.#startedMs,
    }
  }

  #stall(): string {
    const { swarm, flow } = this.#download
    return describeStall({
      knownPeers: swarm.book.size,
      connectedPeers: swarm.connectedCount,
      usefulPeers: swarm.usefulCount,
      unchokedPeers: swarm.unchokedCount,
      writingCount: flow.underWayCount,
      trackerTrouble: this.#trackers?.trouble,
    })
  }
}
