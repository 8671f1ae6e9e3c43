/**
 * The torrents of one command: starts them one by one, lets them run side by side, tells the report of each, and
 * remembers the first failure. Every failure of a source ends that source and no other. A torrent that is
 * complete has done what was asked, whatever ends its seeding.
 */
import type { Client } from '../client/client.js'
import type { TorrentOptions } from '../client/options.js'
import type { Torrent } from '../client/torrent.js'
import { systemClock } from '../core/clock.js'
import { StoppedError } from '../core/errors.js'
import { EXIT, type ExitCode, exitCodeOf } from './exit-codes.js'
import { percentDone } from './progress-facts.js'
import { readSource } from './read-source.js'
import type { Report, ShownTorrent } from './report.js'

export interface Job {
  /** As it stood on the command line. */
  readonly source: string
  /** Called with the .torrent when its turn has come. What it throws ends this job. */
  options(torrentFile: Uint8Array): TorrentOptions | Promise<TorrentOptions>
}

export class TorrentBatch {
  readonly #client: Client
  readonly #report: Report
  readonly #running = new Map<ShownTorrent, Torrent>()
  /** When each running torrent that is complete began to seed. */
  readonly #seedingSinceMs = new Map<ShownTorrent, number>()
  readonly #ends: Promise<void>[] = []
  readonly #stopping = new AbortController()
  readonly #ticker: NodeJS.Timeout
  #exitCode: ExitCode = EXIT.done

  constructor(client: Client, report: Report) {
    this.#client = client
    this.#report = report
    this.#ticker = setInterval(() => this.#tellProgress(), report.tickMs)
  }

  /** Runs all jobs to their ends. Never rejects for what a source did. */
  async run(jobs: readonly Job[]): Promise<ExitCode> {
    for (const job of jobs) {
      if (this.#stopping.signal.aborted) this.#exitCode = EXIT.stopped
      else await this.#start(job)
    }
    await Promise.all(this.#ends)
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
    this.#report.close(this.#exitCode === EXIT.stopped)
  }

  async #start(job: Job): Promise<void> {
    try {
      const bytes = await readSource(job.source, this.#stopping.signal)
      const options = await job.options(bytes)
      const torrent = await this.#client.add(bytes, options)
      this.#follow(job.source, torrent, options)
    } catch (error) {
      this.#fail(job.source, error, undefined)
    }
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
    this.#report.progressed([...this.#running.keys()])
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

function stoppedAt(shown: ShownTorrent | undefined): StoppedError {
  return new StoppedError(
    shown === undefined ? 'stopped before it began' : `stopped at ${percentDone(shown.progress())}%`,
  )
}

function ignore(): void {}
