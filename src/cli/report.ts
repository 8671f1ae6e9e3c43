/** What `get` tells about its torrents, and to whom: each way of telling is one implementation. */
import type { TorrentNotice, TorrentProgress, TorrentResult } from '../client/progress.js'

/** All that a report may know of a torrent. */
export interface ShownTorrent {
  /** As it stood on the command line. */
  readonly source: string
  readonly infoHash: string
  readonly name: string
  progress(): TorrentProgress
}

export interface Report {
  /** Milliseconds between two calls of `progressed`. */
  readonly tickMs: number
  started(torrent: ShownTorrent): void
  noticed(torrent: ShownTorrent, notice: TorrentNotice): void
  /** Called on every tick with the torrents that are running. */
  progressed(torrents: readonly ShownTorrent[]): void
  completed(torrent: ShownTorrent, result: TorrentResult): void
  /** The torrent is undefined when the source never became one. */
  failed(source: string, error: unknown, torrent: ShownTorrent | undefined): void
  /** The last call. `isResumable`: it was stopped, and the same command goes on. */
  close(isResumable: boolean): void
}
