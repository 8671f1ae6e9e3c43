/** Who wants to hear of a torrent's notices. A listener that throws ends the torrent with its error. */
import type { TorrentNotice } from './progress.js'

export class NoticeBoard {
  readonly #listeners = new Set<(notice: TorrentNotice) => void>()
  readonly #failed: (error: Error) => void

  constructor(failed: (error: Error) => void) {
    this.#failed = failed
  }

  /** The function that is returned ends the listening. */
  listen(listener: (notice: TorrentNotice) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  post(notice: TorrentNotice): void {
    for (const listener of this.#listeners) {
      try {
        listener(notice)
      } catch (error) {
        this.#listeners.delete(listener)
        this.#failed(error as Error)
      }
    }
  }
}
