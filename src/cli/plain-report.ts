/**
 * For a log: a line when a torrent starts, at every tenth or every ten seconds, and when it ends. Seeding lasts long
 * and changes little, so it has one line in ten minutes.
 */
import type { MetadataProgress, TorrentNotice, TorrentResult } from '../client/progress.js'
import type { Clock } from '../core/clock.js'
import { CorruptTally } from './corrupt-tally.js'
import { failureText } from './failure.js'
import { percentDone } from './progress-facts.js'
import {
  noticeSentence,
  progressSentence,
  RESUME_HINT,
  searchSentence,
  seededSentence,
  startSentence,
  summarySentence,
} from './progress-sentence.js'
import type { Report, SeedingEnd, ShownTorrent } from './report.js'
import { savedPlace } from './saved-place.js'

export class PlainReport implements Report {
  readonly tickMs = 1_000
  readonly #print: (line: string) => void
  readonly #clock: Clock
  /** When each running torrent was last told of, and how many tenths of it were done. */
  readonly #last = new Map<ShownTorrent, { atMs: number; tenths: number }>()
  readonly #corrupt = new CorruptTally()

  #searchesToldMs = Number.NEGATIVE_INFINITY

  constructor(print: (line: string) => void, clock: Clock) {
    this.#print = print
    this.#clock = clock
  }

  started(torrent: ShownTorrent): void {
    this.#last.set(torrent, { atMs: this.#clock.now(), tenths: 0 })
    this.#print(startSentence(torrent.progress()))
  }

  noticed(torrent: ShownTorrent, notice: TorrentNotice): void {
    if (notice.type === 'pieceCorrupt') this.#corrupt.note(torrent, notice.piece)
    const sentence = noticeSentence(torrent, notice)
    if (sentence !== undefined) this.#print(sentence)
  }

  progressed(torrents: readonly ShownTorrent[], searches: readonly MetadataProgress[] = []): void {
    const atMs = this.#clock.now()
    this.#tellCorrupt()
    this.#tellSearches(searches, atMs)
    for (const torrent of torrents) {
      const progress = torrent.progress()
      const tenths = Math.floor(percentDone(progress) / 10)
      const last = this.#last.get(torrent)
      const quietMs = last === undefined ? Number.POSITIVE_INFINITY : atMs - last.atMs
      const maxQuietMs = progress.phase === 'seeding' ? MAX_QUIET_SEEDING_MS : MAX_QUIET_MS
      if (quietMs < maxQuietMs && (tenths === last?.tenths || quietMs < MIN_QUIET_MS)) continue
      this.#last.set(torrent, { atMs, tenths })
      this.#print(progressSentence(progress))
    }
  }

  completed(torrent: ShownTorrent, result: TorrentResult): void {
    this.#last.delete(torrent)
    this.#tellCorrupt()
    this.#print(summarySentence(result, savedPlace(result)))
  }

  seeded(torrent: ShownTorrent, end: SeedingEnd): void {
    this.#last.delete(torrent)
    this.#print(seededSentence(torrent.name, end))
  }

  failed(source: string, error: unknown, torrent: ShownTorrent | undefined): void {
    if (torrent !== undefined) this.#last.delete(torrent)
    this.#tellCorrupt()
    this.#print(failureText(error, torrent?.name ?? source))
  }

  #tellCorrupt(): void {
    for (const sentence of this.#corrupt.take()) this.#print(sentence)
  }

  #tellSearches(searches: readonly MetadataProgress[], atMs: number): void {
    if (searches.length === 0 || atMs - this.#searchesToldMs < MAX_QUIET_MS) return
    this.#searchesToldMs = atMs
    for (const search of searches) this.#print(searchSentence(search))
  }

  close(isResumable: boolean): void {
    if (isResumable) this.#print(RESUME_HINT)
  }
}

const MAX_QUIET_MS = 10_000
const MAX_QUIET_SEEDING_MS = 600_000
/** A fast download must not print ten lines in a second. */
const MIN_QUIET_MS = 1_000
