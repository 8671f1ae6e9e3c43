/**
 * Saves a torrent's state now and then while it changes, and at its end. A state that cannot be saved costs a
 * recheck next time, not the download: it is told once, and tried again with what comes next.
 */
import { StorageError } from '../core/errors.js'
import type { PieceStore } from '../storage/piece-store.js'
import { RESUME_SAVE_MS } from '../storage/resume-save-ms.js'
import type { BlockScheduler } from '../swarm/block-scheduler.js'
import type { PieceLedger } from './piece-ledger.js'
import type { TorrentNotice } from './progress.js'
import type { TorrentCheck } from './torrent-check.js'
import type { TorrentDownload } from './torrent-download.js'

/** How much was uploaded is saved less often: a seed would have the disk sync every few seconds, all night. */
const UPLOADS_SAVE_MS = 60_000

export interface StateSaverParts {
  readonly store: Pick<PieceStore, 'saveResume' | 'removeResume'>
  readonly pieces: Pick<PieceLedger, 'have'>
  readonly download: Pick<TorrentDownload, 'uploadedBytes'> & {
    readonly scheduler: Pick<BlockScheduler, 'receivedBytes'>
  }
  /** Knows what earlier runs had sent and received. */
  readonly check: Pick<TorrentCheck, 'isDone' | 'uploadedBefore' | 'downloadedBefore'>
  readonly notify: (notice: TorrentNotice) => void
}

export class StateSaver {
  readonly #parts: StateSaverParts
  #savedCount = 0
  #savedUploadBytes = 0
  #dueMs: number
  #uploadsDueMs: number
  /** The last try failed, and that was told. */
  #isTold = false

  constructor(parts: StateSaverParts, nowMs: number) {
    this.#parts = parts
    this.#dueMs = nowMs + RESUME_SAVE_MS
    this.#uploadsDueMs = nowMs + UPLOADS_SAVE_MS
  }

  /** The periodic pass. */
  tick(nowMs: number): void {
    if (nowMs < this.#dueMs) return
    this.#dueMs = nowMs + RESUME_SAVE_MS
    const { pieces, download } = this.#parts
    const hasPieces = pieces.have.count !== this.#savedCount
    const hasUploads = download.uploadedBytes !== this.#savedUploadBytes && nowMs >= this.#uploadsDueMs
    if (!hasPieces && !hasUploads) return
    this.#uploadsDueMs = nowMs + UPLOADS_SAVE_MS
    void this.#save(false)
  }

  /** The last word of this run: nothing is written any more. Never rejects. */
  async saveClean(): Promise<void> {
    if (this.#parts.check.isDone) await this.#save(true)
  }

  /** Nothing is left to go on with. Never rejects. */
  async forget(): Promise<void> {
    await this.#parts.store.removeResume().catch(() => {}) // it costs nobody anything where it is
  }

  async #save(isClean: boolean): Promise<void> {
    const { store, pieces, download, check, notify } = this.#parts
    this.#savedCount = pieces.have.count
    this.#savedUploadBytes = download.uploadedBytes
    try {
      await store.saveResume({
        have: pieces.have,
        uploadedBytes: check.uploadedBefore + download.uploadedBytes,
        downloadedBytes: check.downloadedBefore + download.scheduler.receivedBytes,
        isClean,
      })
      this.#isTold = false
    } catch (error) {
      if (this.#isTold) return
      this.#isTold = true
      const code = error instanceof StorageError ? error.code : 'IO_ERROR'
      notify({ type: 'resumeNotSaved', code, message: (error as Error).message })
    }
  }
}
