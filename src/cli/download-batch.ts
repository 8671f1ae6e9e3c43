/**
 * The downloads of one `get`: starts them one by one, lets them run side by side, tells the report of each, and
 * remembers the first failure. Every failure of a source ends that source and no other.
 */
import type { Client } from '../client/client.js'
import type { TorrentOptions } from '../client/options.js'
import type { Torrent } from '../client/torrent.js'
import { StoppedError } from '../core/errors.js'
import { EXIT, type ExitCode, exitCodeOf } from './exit-codes.js'
import { OutputClaims } from './output-claims.js'
import { percentDone } from './progress-facts.js'
import { readSource } from './read-source.js'
import type { Report, ShownTorrent } from './report.js'

export class DownloadBatch {
  readonly #client: Client
  readonly #options: TorrentOptions
  readonly #report: Report
  readonly #running = new Map<ShownTorrent, Torrent>()
  readonly #ends: Promise<void>[] = []
  readonly #stopping = new AbortController()
  readonly #ticker: NodeJS.Timeout
  #exitCode: ExitCode = EXIT.done

  constructor(client: Client, options: TorrentOptions, report: Report) {
    this.#client = client
    this.#options = options
    this.#report = report
    this.#ticker = setInterval(() => report.progressed([...this.#running.keys()]), report.tickMs)
  }

  /** Runs all sources to their ends. Never rejects for what a source did. */
  async run(sources: readonly string[]): Promise<ExitCode> {
    const claims = sources.length > 1 ? new OutputClaims() : undefined
    for (const source of sources) {
      if (this.#stopping.signal.aborted) this.#exitCode = EXIT.stopped
      else await this.#start(source, claims)
    }
    await Promise.all(this.#ends)
    return this.#exitCode
  }

  get isStopped(): boolean {
    return this.#exitCode === EXIT.stopped
  }

  /** Ends what runs and starts nothing more. */
  stop(): void {
    this.#stopping.abort()
    for (const torrent of this.#running.values()) torrent.stop().catch(ignore)
  }

  /** Reports as stopped what has still not ended, because nobody will wait for it. */
  abandon(): void {
    for (const shown of this.#running.keys()) this.#fail(shown.source, undefined, shown)
    this.close()
  }

  close(): void {
    clearInterval(this.#ticker)
    this.#report.close(this.isStopped)
  }

  async #start(source: string, claims: OutputClaims | undefined): Promise<void> {
    try {
      const bytes = await readSource(source, this.#stopping.signal)
      claims?.claim(source, bytes)
      const torrent = await this.#client.add(bytes, this.#options)
      this.#follow(source, torrent)
    } catch (error) {
      this.#fail(source, error, undefined)
    }
  }

  #follow(source: string, torrent: Torrent): void {
    const { infoHash, name } = torrent.metainfo
    const shown = { source, infoHash: infoHash.hex, name, progress: () => torrent.progress() }
    this.#running.set(shown, torrent)
    this.#report.started(shown)
    torrent.onNotice((notice) => this.#report.noticed(shown, notice))
    this.#ends.push(this.#settle(shown, torrent))
    if (this.#stopping.signal.aborted) torrent.stop().catch(ignore)
  }

  async #settle(shown: ShownTorrent, torrent: Torrent): Promise<void> {
    try {
      const result = await torrent.done
      this.#running.delete(shown)
      this.#report.completed(shown, result)
    } catch (error) {
      this.#running.delete(shown)
      this.#fail(shown.source, error, shown)
    }
    this.#report.progressed([...this.#running.keys()])
    // `done` does not wait until the trackers have heard of the end, `stop` does: a second at most.
    await torrent.stop()
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
