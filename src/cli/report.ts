/** What a command tells about its torrents, and to whom: each way of telling is one implementation. */
import type { MetadataProgress, TorrentNotice, TorrentProgress, TorrentResult } from '../client/progress.js'

/** All that a report may know of a torrent. */
export interface ShownTorrent {
  /** As it stood on the command line. */
  readonly source: string
  readonly infoHash: string
  readonly name: string
  progress(): TorrentProgress
}

/** How the seeding of a torrent ended. */
export interface SeedingEnd {
  /** Payload bytes sent in this run, and in earlier ones. */
  readonly uploadedBytes: number
  readonly uploadedBytesBefore: number
  /** Selected bytes. */
  readonly totalBytes: number
  readonly seededMs: number
  /** False: it was stopped. */
  readonly goalReached: boolean
}

export interface Report {
  /** Milliseconds between two calls of `progressed`. */
  readonly tickMs: number
  started(torrent: ShownTorrent): void
  noticed(torrent: ShownTorrent, notice: TorrentNotice): void
  /** Called on every tick with the torrents that are running, and the magnet links that are none yet. */
  progressed(torrents: readonly ShownTorrent[], searches?: readonly MetadataProgress[]): void
  /** All is verified and on disk. When it is seeded then, it goes on running until `seeded` or `failed`. */
  completed(torrent: ShownTorrent, result: TorrentResult): void
  seeded(torrent: ShownTorrent, end: SeedingEnd): void
  /** The torrent is undefined when the source never became one. */
  failed(source: string, error: unknown, torrent: ShownTorrent | undefined): void
  /** The last call. `isResumable`: it was stopped, and the same command goes on. */
  close(isResumable: boolean): void
}
