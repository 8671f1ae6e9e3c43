import { failureText } from './failure.js'
import type { Report, ShownTorrent } from './report.js'

/** For `--quiet`: errors and nothing else. */
export class QuietReport implements Report {
  readonly tickMs = 60_000
  readonly #print: (line: string) => void

  constructor(print: (line: string) => void) {
    this.#print = print
  }

  started(): void {}

  noticed(): void {}

  progressed(): void {}

  completed(): void {}

  seeded(): void {}

  failed(source: string, error: unknown, torrent: ShownTorrent | undefined): void {
    this.#print(failureText(error, torrent?.name ?? source))
  }

  close(): void {}
}
