/**
 * For programs: one JSON object a line on standard output, errors on stderr as well. Names and fields are part
 * of the public interface and only ever grow; a value that is not known is null, never absent.
 */
import type { MetadataProgress, TorrentNotice, TorrentProgress, TorrentResult } from '../client/progress.js'
import { exitCodeOf } from './exit-codes.js'
import { failureObject, failureText } from './failure.js'
import type { Report, SeedingEnd, ShownTorrent } from './report.js'

export interface JsonOutputs {
  /** One event. */
  out(line: string): void
  /** One failure for people. */
  err(line: string): void
}

export class JsonReport implements Report {
  readonly tickMs = 1_000
  readonly #outputs: JsonOutputs
  readonly #isQuiet: boolean

  /** `isQuiet` leaves out progress and notices. */
  constructor(outputs: JsonOutputs, isQuiet: boolean) {
    this.#outputs = outputs
    this.#isQuiet = isQuiet
  }

  started(torrent: ShownTorrent): void {
    const { source, infoHash, name } = torrent
    const { totalBytes, pieceCount } = torrent.progress()
    this.#emit('started', { source, infoHash, name, totalBytes, pieceCount })
  }

  noticed(torrent: ShownTorrent, notice: TorrentNotice): void {
    if (!this.#isQuiet) this.#emit('notice', { infoHash: torrent.infoHash, ...notice })
  }

  progressed(torrents: readonly ShownTorrent[], searches: readonly MetadataProgress[] = []): void {
    for (const torrent of torrents) this.#emitProgress(torrent.progress())
    if (this.#isQuiet) return
    for (const search of searches) this.#emit('metadata', { ...search, stall: search.stall ?? null })
  }

  /** A last progress comes first, so that even the shortest download has one. */
  completed(torrent: ShownTorrent, result: TorrentResult): void {
    this.#emitProgress(torrent.progress())
    this.#emit('complete', { source: torrent.source, ...result, elapsedMs: Math.round(result.elapsedMs) })
  }

  seeded(torrent: ShownTorrent, { uploadedBytes, totalBytes, seededMs, goalReached }: SeedingEnd): void {
    const { source, infoHash, name } = torrent
    this.#emitProgress(torrent.progress())
    const facts = { totalBytes, uploadedBytes, seededMs: Math.round(seededMs), goalReached }
    this.#emit('seeded', { source, infoHash, name, ...facts })
  }

  failed(source: string, error: unknown, torrent: ShownTorrent | undefined): void {
    const infoHash = torrent?.infoHash ?? null
    this.#emit('error', { source, infoHash, error: failureObject(error), exitCode: exitCodeOf(error) })
    this.#outputs.err(failureText(error, torrent?.name ?? source))
  }

  close(): void {}

  #emitProgress(progress: TorrentProgress): void {
    if (this.#isQuiet) return
    const { downloadBytesPerSecond, uploadBytesPerSecond, etaSeconds, stall } = progress
    this.#emit('progress', {
      ...progress,
      downloadBytesPerSecond: Math.round(downloadBytesPerSecond),
      uploadBytesPerSecond: Math.round(uploadBytesPerSecond),
      etaSeconds: etaSeconds === undefined ? null : Math.ceil(etaSeconds),
      stall: stall ?? null,
    })
  }

  #emit(event: string, fields: object): void {
    this.#outputs.out(JSON.stringify({ event, ...fields }))
  }
}
