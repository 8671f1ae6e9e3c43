/**
 * One torrent and all its state, from the check of what is on disk to the end of seeding. It changes only
 * inside `apply`, which never awaits; what takes time starts elsewhere and comes back as an event. Peers,
 * pieces on their way, trackers and the saved state are its collaborators, each with a narrow view of it.
 */
import { StoppedError, VerifyError } from '../core/errors.js'
import type { Metainfo } from '../metainfo/metainfo.js'
import type { IncomingPeer } from '../peer/listener.js'
import { NoticeBoard } from './notice-board.js'
import { Outcome } from './outcome.js'
import { PieceLedger } from './piece-ledger.js'
import {
  isOver,
  isRunning,
  type TorrentNotice,
  type TorrentPhase,
  type TorrentProgress,
  type TorrentResult,
} from './progress.js'
import { type TorrentCrew, wireTorrent } from './torrent-crew.js'
import type { TorrentEvent } from './torrent-event.js'
import type { TorrentParts } from './torrent-parts.js'
import { reportProgress, reportResult } from './torrent-report.js'

export class Torrent {
  readonly metainfo: Metainfo
  readonly #outcome = new Outcome<TorrentResult>()
  /** Resolves when every selected byte is verified and on disk; rejects when the torrent ends before. */
  readonly done = this.#outcome.done
  /** Resolves when the torrent has ended, for whatever reason, and let go of everything. */
  readonly ended = this.#outcome.ended
  readonly #parts: TorrentParts
  readonly #pieces: PieceLedger
  readonly #crew: TorrentCrew
  readonly #notices = new NoticeBoard((error) => {
    if (isOver(this.#phase)) this.#outcome.reject(error)
    else this.apply({ type: 'failed', error })
  })
  readonly #startedMs: number
  #phase: TorrentPhase = 'checking'
  /** Nothing is missing: the files get their final form. */
  #isFinishing = false
  /** Its user wants it to rest, from the next moment on at which it can. */
  #isPauseWanted = false
  #isRemoved = false
  #failure: Error | undefined

  constructor(parts: TorrentParts) {
    this.#parts = parts
    this.metainfo = parts.metainfo
    this.#pieces = new PieceLedger(parts.selection)
    this.#startedMs = parts.resources.clock.now()
    const tools = {
      ...parts,
      pieces: this.#pieces,
      apply: (event: TorrentEvent) => this.apply(event),
      notify: (notice: TorrentNotice) => this.#notices.post(notice),
      isRunning: () => isRunning(this.#phase),
    }
    this.#crew = wireTorrent(tools, this.#startedMs)
  }

  /** Looks at what is on disk already, then goes on from there. Never throws: see `done`. */
  start(): void {
    const { swarm } = this.#crew.download
    for (const address of this.#parts.peers) swarm.addAddresses([address], address.source)
    this.#crew.check.run({ trustsSaved: true })
  }

  /** The one door through which this torrent's state changes. Never awaits. */
  apply(event: TorrentEvent): void {
    if ('buffer' in event && event.buffer !== undefined) this.#crew.settlement.takeBack(event.buffer)
    if (isOver(this.#phase)) return this.#crew.settlement.noteLate(event)
    switch (event.type) {
      case 'checked':
        this.#pieces.addAll(event.have)
        for (const index of this.#pieces.missing()) this.#crew.download.picker.add(index)
        return this.#run()
      case 'piecesDone':
        for (const outcome of event.outcomes) this.#crew.settlement.settle(outcome)
        return this.#goOn()
      case 'partWritten':
        this.#crew.settlement.settlePart(event)
        return this.#goOn()
      case 'finished':
        return this.#complete()
      case 'paused':
        this.#isPauseWanted = true
        return this.#pause()
      case 'recheck':
        return this.#recheck()
      case 'resumed':
        this.#isPauseWanted = false
        if (this.#phase === 'paused' && !this.#isFinishing) this.#run()
        return
      case 'seeded':
        return this.#end('complete', undefined)
      case 'failed':
        return this.#end('failed', event.error)
      case 'stopped':
        return this.#end('stopped', new StoppedError('stopped before it was complete'))
      default:
        return event satisfies never
    }
  }

  /** The periodic pass. */
  tick(nowMs: number): void {
    if (!isRunning(this.#phase)) return
    const { scheduler, uploadedBytes, downloadRate, uploadRate } = this.#crew.download
    this.#crew.download.tick(nowMs)
    downloadRate.look(scheduler.receivedBytes, nowMs)
    uploadRate.look(uploadedBytes, nowMs)
    if (this.#isFinishing) return // a slow disk keeps nobody from peers
    this.#crew.saver.tick(nowMs)
    const isSeeding = this.#phase === 'seeding'
    const end = isSeeding ? this.#crew.judge.judgeSeeding(nowMs) : this.#crew.judge.judgeDownload(nowMs)
    if (end !== undefined) this.apply(end)
  }

  /** What a rate limit held back. To be called more often than `tick`. */
  pumpThrottled(): void {
    if (isRunning(this.#phase)) this.#crew.download.pumpThrottled()
  }

  /** A peer has connected to us for this torrent. */
  takeIn(peer: IncomingPeer): void {
    if (isRunning(this.#phase)) this.#crew.download.swarm.takeIn(peer)
    else peer.socket.destroy()
  }

  progress(): TorrentProgress {
    return reportProgress({
      ...this.#parts,
      pieces: this.#pieces,
      download: this.#crew.download,
      phase: this.#phase,
      check: this.#crew.check,
      searchTrouble: this.#crew.search.trouble,
    })
  }

  /** Hears of everything that happens from now on. The function that is returned ends that. */
  onNotice(listener: (notice: TorrentNotice) => void): () => void {
    return this.#notices.listen(listener)
  }

  /** Lets go of all peers and trackers, once what is on disk has been checked, until {@link resume}. */
  pause(): void {
    this.apply({ type: 'paused' })
  }

  /** Goes on after {@link pause}. */
  resume(): void {
    this.apply({ type: 'resumed' })
  }

  /**
   * Hashes all that is on disk, whatever is remembered, then goes on or stays paused; not while it finishes, nor
   * what has gone down a stream.
   */
  recheck(): void {
    this.apply({ type: 'recheck' })
  }

  /** Ends it as {@link stop} does, and forgets what was remembered for a next run. The files stay. */
  async remove(): Promise<void> {
    this.#isRemoved = true
    const stopping = this.stop()
    await this.ended
    await this.#crew.saver.forget() // it may have ended before
    await stopping
  }

  /** Why it ended, when that was neither its completion nor the end of seeding. */
  get failure(): Error | undefined {
    return this.#failure
  }

  /** Ends it; `done` rejects with StoppedError unless it was settled already. What is verified stays on disk. */
  async stop(): Promise<void> {
    this.apply({ type: 'stopped' })
    await this.ended
    await this.#crew.standstill.farewell
  }

  #run(): void {
    const { swarm, webSeeds } = this.#crew.download
    const isComplete = this.#pieces.missingCount === 0
    if (!isComplete && !this.#parts.options.download) {
      const detail = `${this.#pieces.missingCount} pieces are missing or corrupt`
      return this.#end('failed', new VerifyError('INCOMPLETE', detail))
    }
    if (this.#isPauseWanted) return this.#enter('paused')
    if (isComplete) return this.#finish()
    this.#enter('downloading')
    if (this.#phase !== 'downloading') return // who heard of it has stopped it
    this.#crew.settlement.limitHeld()
    this.#crew.judge.downloadBegins(this.#parts.resources.clock.now())
    swarm.open()
    webSeeds.open()
    this.#crew.search.start()
  }

  /** Something left memory: others may use it, and perhaps that was all. */
  #goOn(): void {
    if (this.#phase !== 'downloading' || this.#isFinishing) return
    this.#crew.settlement.limitHeld()
    if (this.#pieces.missingCount === 0) this.#finish()
    else this.#crew.download.swarm.refillHungry()
  }

  /** Nothing is missing. Those who have everything are of no use any more, and without seeding nobody is. */
  #finish(): void {
    this.#isFinishing = true
    this.#crew.download.arena.rest()
    this.#crew.download.webSeeds.close()
    if (this.#parts.options.seedGoal === undefined) this.#crew.download.swarm.close()
    if (this.#crew.download.scheduler.receivedBytes > 0) this.#crew.search.completed()
    this.#crew.settlement.finishFiles()
  }

  #complete(): void {
    this.#isFinishing = false
    if (this.#parts.options.seedGoal === undefined) return this.#end('complete', undefined)
    this.#crew.judge.seedingBegins(this.#parts.resources.clock.now())
    this.#outcome.resolve(this.#result())
    this.#enter('seeding')
    if (this.#isPauseWanted) return this.#pause()
    if (this.#phase !== 'seeding') return
    this.#crew.download.swarm.open()
    this.#crew.download.swarm.dropSeeds()
    this.#crew.search.start()
  }

  #pause(): void {
    if (!isRunning(this.#phase) || this.#isFinishing) return
    this.#crew.standstill.begin()
    this.#enter('paused')
  }

  #recheck(): void {
    const hasFiles = this.#parts.blocks !== undefined
    if (this.#isFinishing || this.#phase === 'checking' || !hasFiles) return
    if (isRunning(this.#phase)) this.#crew.standstill.begin()
    this.#enter('checking')
    void this.#crew.download.flow.idle().then(() => {
      if (this.#phase !== 'checking') return
      const { picker, scheduler } = this.#crew.download
      for (const index of this.#pieces.missing()) picker.remove(index)
      scheduler.parted.clear()
      this.#pieces.clear()
      this.#crew.check.run({ trustsSaved: false })
    })
  }

  /** Lets go of everything, then tells the caller. Trackers hear of it meanwhile. */
  #end(phase: TorrentPhase, error: Error | undefined): void {
    this.#failure = error
    this.#enter(phase)
    this.#crew.check.stop()
    const { options, selection } = this.#parts
    const hasNoUse = phase === 'complete' && options.download && selection.isAll
    this.#crew.standstill
      .end({ isForgotten: hasNoUse || this.#isRemoved })
      .then(() => (error === undefined ? this.#outcome.resolve(this.#result()) : this.#outcome.reject(error)))
      .catch((trouble: Error) => this.#outcome.reject(error ?? trouble))
      .finally(() => {
        this.#outcome.end()
        this.#parts.onEnded(this)
      })
  }

  #enter(phase: TorrentPhase): void {
    this.#phase = phase
    this.#notices.post({ type: 'phase', phase })
  }

  #result(): TorrentResult {
    const elapsedMs = this.#parts.resources.clock.now() - this.#startedMs
    return reportResult({ ...this.#parts, download: this.#crew.download, elapsedMs })
  }
}
