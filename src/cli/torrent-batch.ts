/**
 * The torrents of one command: starts them, lets them run side by side, tells the report of each, and remembers the
 * first failure. Every failure of a source ends that source and no other. A torrent that is complete has done
 * what was asked, whatever ends its seeding.
 */
import type { Client } from '../client/client.js'
import type { FoundTorrent } from '../client/metadata-desk.js'
import type { MetadataOptions, TorrentOptions } from '../client/options.js'
import type { MetadataProgress } from '../client/progress.js'
import type { Torrent } from '../client/torrent.js'
import { systemClock } from '../core/clock.js'
import { StoppedError } from '../core/errors.js'
import { Turns } from '../discovery/turns.js'
import type { Metainfo } from '../metainfo/metainfo.js'
import { parseMetainfo } from '../metainfo/parse-metainfo.js'
import { EXIT, type ExitCode, exitCodeOf } from './exit-codes.js'
import { percentDone } from './progress-facts.js'
import { readSource } from './read-source.js'
import type { Report, ShownTorrent } from './report.js'

export interface Job {
  /** As it stood on the command line. */
  readonly source: string
  /** How to find the metadata when the source is a magnet link or an info hash. */
  readonly search: MetadataOptions
  /** Called when it is known what the source stands for. What it throws ends this job. */
  options(metainfo: Metainfo): TorrentOptions | Promise<TorrentOptions>
}

export class TorrentBatch {
  readonly #client: Client
  readonly #report: Report
  readonly #isResumable: boolean
  readonly #running = new Map<ShownTorrent, Torrent>()
  /** When each running torrent that is complete began to seed. */
  readonly #seedingSinceMs = new Map<ShownTorrent, number>()
  /** Magnet links that are not torrents yet, by their source. */
  readonly #searches = new Map<string, MetadataProgress>()
  readonly #ends: Promise<void>[] = []
  readonly #fetches = new Turns(FETCHES_AT_ONCE)
  readonly #stopping = new AbortController()
  readonly #ticker: NodeJS.Timeout
  #exitCode: ExitCode = EXIT.done

  /** `isResumable`: the same jobs go on where a stop ended them. */
  constructor(client: Client, report: Report, isResumable: boolean) {
    this.#client = client
    this.#report = report
    this.#isResumable = isResumable
    this.#ticker = setInterval(() => this.#tellProgress(), report.tickMs)
  }

  /** Runs all jobs to their ends. Never rejects for what a source did. */
  async run(jobs: readonly Job[]): Promise<ExitCode> {
    for (const job of jobs) {
      if (this.#stopping.signal.aborted) this.#exitCode = EXIT.stopped
      // A server may take its time: the others need not wait for it.
      else if (/^https?:\/\//i.test(job.source)) this.#ends.push(this.#fetches.run(() => this.#start(job)))
      else await this.#start(job)
    }
    await this.#settleAll()
    return this.#exitCode
  }

  /** Ends what runs and starts nothing more. */
  stop(): void {
    this.#stopping.abort()
    for (const torrent of this.#running.values()) torrent.stop().catch(ignore)
  }

  /** Reports what has still not ended, because nobody will wait for it, and says what to exit with. */
  abandon(): ExitCode {
    for (const shown of this.#running.keys()) {
      if (this.#seedingSinceMs.has(shown)) this.#tellSeeded(shown)
      else this.#fail(shown.source, undefined, shown)
    }
    this.close()
    return this.#exitCode
  }

  close(): void {
    clearInterval(this.#ticker)
    this.#report.close(this.#isResumable && this.#exitCode === EXIT.stopped)
  }

  /** A fetch or a search that ends well adds the end of its torrent: then there is more to wait for. */
  async #settleAll(): Promise<void> {
    const { length } = this.#ends
    await Promise.all(this.#ends)
    if (this.#ends.length > length) await this.#settleAll()
  }

  /** Never rejects. */
  async #start(job: Job): Promise<void> {
    try {
      const { allowPrivate } = job.search
      const { signal } = this.#stopping
      const { content, reach } = await readSource(job.source, { allowPrivate, signal })
      if (!(content instanceof Uint8Array)) return void this.#ends.push(this.#search(job))
      const metainfo = parseMetainfo(content)
      await this.#add(job, { metainfo, peers: [], reach, select: undefined })
    } catch (error) {
      this.#fail(job.source, error, undefined)
    }
  }

  /** Others need not wait for it. Never rejects. */
  async #search(job: Job): Promise<void> {
    const { source, search } = job
    try {
      const found = await this.#client.fetchMetadata(source, {
        ...search,
        signal: this.#stopping.signal,
        onMetadataProgress: (progress) => void this.#searches.set(source, progress),
      })
      this.#searches.delete(source)
      await this.#add(job, found)
    } catch (error) {
      this.#searches.delete(source)
      this.#fail(source, error, undefined)
    }
  }

  async #add(job: Job, found: FoundTorrent): Promise<void> {
    const options = await job.options(found.metainfo)
    this.#follow(job.source, await this.#client.add(found, options), options)
  }

  #follow(source: string, torrent: Torrent, { seed = false }: TorrentOptions): void {
    const { infoHash, name } = torrent.metainfo
    const shown = { source, infoHash: infoHash.hex, name, progress: () => torrent.progress() }
    this.#running.set(shown, torrent)
    this.#report.started(shown)
    torrent.onNotice((notice) => this.#report.noticed(shown, notice))
    this.#ends.push(this.#settle(shown, torrent, seed !== false))
    if (this.#stopping.signal.aborted) torrent.stop().catch(ignore)
  }

  async #settle(shown: ShownTorrent, torrent: Torrent, seeds: boolean): Promise<void> {
    try {
      const result = await torrent.done
      if (!seeds) this.#running.delete(shown)
      this.#report.completed(shown, result)
      if (seeds) await this.#settleSeeding(shown, torrent)
    } catch (error) {
      this.#running.delete(shown)
      this.#fail(shown.source, error, shown)
    }
    this.#tellProgress()
    // `done` and `ended` do not wait until the trackers have heard of the end, `stop` does: a second at most.
    await torrent.stop()
  }

  /** Rejects when the data cannot be served any more. */
  async #settleSeeding(shown: ShownTorrent, torrent: Torrent): Promise<void> {
    this.#seedingSinceMs.set(shown, systemClock.now())
    await torrent.ended
    if (shown.progress().phase === 'failed') throw torrent.failure
    this.#running.delete(shown)
    this.#tellSeeded(shown)
  }

  #tellProgress(): void {
    this.#report.progressed([...this.#running.keys()], [...this.#searches.values()])
  }

  #tellSeeded(shown: ShownTorrent): void {
    const { phase, ...progress } = shown.progress()
    const seededMs = systemClock.now() - this.#seedingSinceMs.get(shown)!
    this.#report.seeded(shown, { ...progress, seededMs, goalReached: phase === 'complete' })
  }

  /** While stopping, whatever ends a torrent is the stop. */
  #fail(source: string, error: unknown, shown: ShownTorrent | undefined): void {
    const isStopping = this.#stopping.signal.aborted
    const reason = isStopping ? stoppedAt(shown) : error
    this.#report.failed(source, reason, shown)
    if (isStopping) this.#exitCode = EXIT.stopped
    else if (this.#exitCode === EXIT.done) this.#exitCode = exitCodeOf(reason)
  }
}

/** Files of .torrents that come from servers at a time: often all of them from one. */
const FETCHES_AT_ONCE = 8

function stoppedAt(shown: ShownTorrent | undefined): StoppedError {
  return new StoppedError(
    shown === undefined ? 'stopped before it began' : `stopped at ${percentDone(shown.progress())}%`,
  )
}

function ignore(): void {}
