/** For a terminal: one calm line per running torrent at the bottom, what happened for good above them. */
import type { MetadataProgress, TorrentNotice, TorrentResult } from '../client/progress.js'
import { CorruptTally } from './corrupt-tally.js'
import { failureText } from './failure.js'
import { LiveLines, type Terminal } from './live-lines.js'
import { progressLine } from './progress-line.js'
import { noticeSentence, RESUME_HINT, seededSentence, summarySentence } from './progress-sentence.js'
import type { Report, SeedingEnd, ShownTorrent } from './report.js'
import { savedPlace } from './saved-place.js'
import { searchLine } from './search-line.js'
import { textWidth, toPlainText } from './terminal-text.js'

export class LiveReport implements Report {
  readonly tickMs = 200
  readonly #lines: LiveLines
  readonly #isColoured: boolean
  readonly #corrupt = new CorruptTally()

  constructor(terminal: Terminal, isColoured: boolean) {
    this.#lines = new LiveLines(terminal)
    this.#isColoured = isColoured
  }

  started(): void {}

  noticed(torrent: ShownTorrent, notice: TorrentNotice): void {
    if (notice.type === 'pieceCorrupt') this.#corrupt.note(torrent, notice.piece)
    const sentence = noticeSentence(torrent, notice)
    if (sentence !== undefined) this.#lines.printAbove(sentence)
  }

  progressed(torrents: readonly ShownTorrent[], searches: readonly MetadataProgress[] = []): void {
    this.#tellCorrupt()
    const names = [...torrents, ...searches].map(({ name }) => textWidth(toPlainText(name)))
    const nameWidth = Math.max(1, ...names)
    const format = { width: this.#lines.width, nameWidth, isColoured: this.#isColoured }
    this.#lines.draw([
      ...torrents.map((torrent) => progressLine(torrent.progress(), format)),
      ...searches.map((search) => searchLine(search, format)),
    ])
  }

  completed(_torrent: ShownTorrent, result: TorrentResult): void {
    this.#tellCorrupt()
    this.#lines.printAbove(summarySentence(result, savedPlace(result)))
  }

  seeded(torrent: ShownTorrent, end: SeedingEnd): void {
    this.#lines.printAbove(seededSentence(torrent.name, end))
  }

  failed(source: string, error: unknown, torrent: ShownTorrent | undefined): void {
    this.#tellCorrupt()
    this.#lines.printAbove(failureText(error, torrent?.name ?? source))
  }

  close(isResumable: boolean): void {
    this.#lines.clear()
    if (isResumable) this.#lines.printAbove(RESUME_HINT)
  }

  #tellCorrupt(): void {
    for (const sentence of this.#corrupt.take()) this.#lines.printAbove(sentence)
  }
}
