/** Decides, tick by tick, whether a torrent has been seeded enough, or has no prospects any more. */
import { Patience } from './patience.js'
import type { PeerSearch } from './peer-search.js'
import { isSeeded, SeedingTime } from './seed-goal.js'
import type { Selection } from './selection.js'
import type { TorrentCheck } from './torrent-check.js'
import type { TorrentDownload } from './torrent-download.js'
import type { TorrentEvent } from './torrent-event.js'
import type { CheckedTorrentOptions } from './torrent-options.js'
import { reportStall } from './torrent-report.js'

export interface JudgeParts {
  readonly options: CheckedTorrentOptions
  readonly selection: Selection
  readonly download: TorrentDownload
  readonly search: PeerSearch
  /** Knows what went to peers in earlier runs. */
  readonly check: TorrentCheck
}

export class TorrentJudge {
  readonly #parts: JudgeParts
  #patience: Patience
  readonly #seedingTime = new SeedingTime()

  constructor(parts: JudgeParts, nowMs: number) {
    this.#parts = parts
    this.#patience = new Patience(parts.options.giveUpAfterMs, nowMs)
  }

  /** Time that was spent on checking, or in a pause, tries nobody's patience. */
  downloadBegins(nowMs: number): void {
    this.#patience = new Patience(this.#parts.options.giveUpAfterMs, nowMs)
  }

  seedingBegins(nowMs: number): void {
    this.#seedingTime.begin(nowMs)
  }

  /** While downloading: the end of patience, if it is reached. */
  judgeDownload(nowMs: number): TorrentEvent | undefined {
    const { download, search } = this.#parts
    const { swarm, scheduler, flow, webSeeds } = download
    const prospects = {
      receivedBytes: scheduler.receivedBytes,
      connectedPeers: swarm.connectedCount + webSeeds.activeCount,
      hasSources: search.isHopeful || this.#hasSomebodyToTry,
      isWriting: flow.underWayCount > 0,
      stall: reportStall({ download, searchTrouble: search.trouble }),
    }
    const error = this.#patience.judge(prospects, nowMs)
    return error === undefined ? undefined : { type: 'failed', error }
  }

  /** Whoever named a time waits that long for those that are away, and nobody else for those that seem gone. */
  get #hasSomebodyToTry(): boolean {
    const { options, download } = this.#parts
    const { swarm, webSeeds } = download
    if (options.giveUpAfterMs === Number.POSITIVE_INFINITY) {
      return !swarm.book.isExhausted || webSeeds.hopefulCount > 0
    }
    return swarm.book.size > 0 || webSeeds.knownCount > 0
  }

  /** While seeding: the end of it, if the goal is reached. */
  judgeSeeding(nowMs: number): TorrentEvent | undefined {
    const { options, selection, download, check } = this.#parts
    if (options.seedGoal === undefined) return undefined
    const facts = {
      uploadedBytes: check.uploadedBefore + download.uploadedBytes,
      totalBytes: selection.totalBytes,
      seedingMs: this.#seedingTime.spend(nowMs),
    }
    return isSeeded(options.seedGoal, facts) ? { type: 'seeded' } : undefined
  }
}
