/**
 * Remembers a torrent's state from one run to the next, and never a piece that is not there.
 *
 * What the file says is true at any moment, so that a crash does no harm: a piece is claimed once its bytes are
 * durable; claims of another run, or that turned out wrong, are renewed before any data is written; and while
 * data is written the file gets a sign of life now and then, by which the next run knows whose writes those
 * were. When claims cannot be renewed they are withdrawn.
 */
import { Bitfield } from '../core/bitfield.js'
import type { Clock } from '../core/clock.js'
import { StorageError } from '../core/errors.js'
import { syncWritten } from './durability.js'
import type { ExistingData } from './existing-data.js'
import type { FileMap } from './file-map.js'
import { type FileStamp, mayHaveGrown } from './file-stamp.js'
import { fileStamps } from './file-stamps.js'
import type { HandleCache } from './handle-cache.js'
import type { PiecePool } from './piece-pool.js'
import type { ResumedState, ResumeState } from './piece-store.js'
import { ResumeFile } from './resume-file.js'
import { decodeResume, encodeResume, type ResumeRecord, resumeBytesLimit } from './resume-record.js'
import { RESUME_SAVE_MS } from './resume-save-ms.js'
import { judgeResume } from './resume-trust.js'

export interface ResumeTools {
  readonly map: FileMap
  readonly pool: PiecePool
  readonly handles: HandleCache
  readonly clock: Clock
}

export class ResumeKeeper {
  readonly #tools: ResumeTools
  readonly #file: ResumeFile
  /** The newest state that is known to be true. */
  #claims: ResumeState | undefined
  /** Files that the claims rest on, as they were then. One that nobody looked at whole is not among them. */
  readonly #stamps = new Map<number, FileStamp>()
  /** Counts what makes the file unfit to be left there while data is written; at first it is another run's. */
  #changes = 1
  /** The changes that the file has seen. */
  #savedChanges = 0
  #saving: Promise<void> = Promise.resolve()
  #nextSave: Promise<void> | undefined
  #renewing: Promise<void> | undefined
  #touchedMs = Number.NEGATIVE_INFINITY
  #writesUnderWay = 0

  constructor(tools: ResumeTools) {
    this.#tools = tools
    this.#file = new ResumeFile(tools.map.folder, tools.map.metainfo.infoHash.hex)
  }

  /** See `PieceStore.loadResume`. */
  async load(): Promise<ResumedState | undefined> {
    const { metainfo } = this.#tools.map
    const found = await this.#file.read(resumeBytesLimit(metainfo))
    const record = found && decodeResume(found.bytes, metainfo)
    return record && (await this.#judge(record, found.touchedAtNs))
  }

  /** See `PieceStore.saveResume`. */
  save(state: ResumeState): Promise<void> {
    this.#claims = { ...state, have: copyOf(state.have) }
    return this.#save()
  }

  /** See `PieceStore.removeResume`. */
  async remove(): Promise<void> {
    this.#claims = undefined
    await (this.#nextSave ?? this.#saving).catch(() => {})
    await this.#withdraw()
  }

  /** Takes note of what a look at the data has shown. */
  noteChecked({ found, stamps }: ExistingData, only: Bitfield | undefined): void {
    const { map } = this.#tools
    for (const [fileIndex, stamp] of stamps) {
      if (only !== undefined && !holdsAll(map, fileIndex, only)) continue
      this.#stamps.set(fileIndex, stamp)
      // If it was written to meanwhile, the next save has to look again.
      if (map.file(fileIndex).wasWritten) map.file(fileIndex).noteWriting()
    }
    for (let index = 0; index < found.size; index++) {
      if (!found.has(index) && (only === undefined || only.has(index))) this.noteCorrupt(index)
    }
  }

  /** The piece is not what it was taken for. */
  noteCorrupt(index: number): void {
    if (this.#claims?.have.clear(index)) this.#changes++
  }

  /** Every write to data files goes through here. Rejects with `StorageError`. */
  async duringWrite<T>(write: () => Promise<T>): Promise<T> {
    this.#writesUnderWay++
    try {
      if (this.#isStale) await this.#renew()
      else if (this.#isSilent) await this.#touch()
      return await write()
    } finally {
      this.#writesUnderWay--
    }
  }

  get #isStale(): boolean {
    return this.#savedChanges !== this.#changes
  }

  get #isSilent(): boolean {
    return this.#tools.clock.now() - this.#touchedMs >= RESUME_SAVE_MS
  }

  async #judge(record: ResumeRecord, aliveAtNs: bigint): Promise<ResumedState | undefined> {
    const { map } = this.#tools
    const stamps = await this.#look(map.selected.filter((nth) => map.metainfo.files[nth]!.length > 0))
    if (stamps === undefined) return undefined
    const { uploadedBytes, downloadedBytes } = record
    const { have, toCheck, trusted } = judgeResume(map, { record, aliveAtNs, stamps })
    this.#stamps.clear()
    for (const [fileIndex, stamp] of trusted) this.#stamps.set(fileIndex, stamp)
    this.#claims = { have: copyOf(have), uploadedBytes, downloadedBytes, isClean: false }
    return { have, toCheck, uploadedBytes, downloadedBytes }
  }

  /** Undefined when something is in the way: whoever reads or writes the data will say so. */
  async #look(fileIndices: readonly number[]): Promise<Map<number, FileStamp> | undefined> {
    const { map, pool } = this.#tools
    try {
      const stamps = await fileStamps(
        pool,
        fileIndices.map((fileIndex) => map.file(fileIndex)),
      )
      return new Map(fileIndices.map((fileIndex, place) => [fileIndex, stamps[place]!]))
    } catch (error) {
      if (error instanceof StorageError) return undefined
      throw error
    }
  }

  /** After the one that is under way, and one for all who ask meanwhile. */
  #save(): Promise<void> {
    this.#nextSave ??= this.#saving
      .catch(() => {})
      .then(() => {
        this.#nextSave = undefined
        this.#saving = this.#write()
        return this.#saving
      })
    return this.#nextSave
  }

  async #write(): Promise<void> {
    const { map, handles } = this.#tools
    const claims = this.#claims
    if (claims === undefined) return
    let savedChanges = this.#savedChanges
    const synced = await syncWritten(map, handles)
    await this.#file.replace(async (savedAtNs) => {
      await this.#restamp(synced)
      this.#touchedMs = this.#tools.clock.now()
      savedChanges = this.#changes
      const isClean = claims.isClean && this.#writesUnderWay === 0
      // A clean record may not outlive the next write.
      if (isClean) this.#changes++
      return encodeResume({ ...claims, isClean, savedAtNs, stamps: this.#stamps }, map.metainfo)
    })
    this.#savedChanges = savedChanges
  }

  /** Files that were written to are expected to have changed, but not into others. */
  async #restamp(fileIndices: readonly number[]): Promise<void> {
    const { files } = this.#tools.map.metainfo
    const stamps = await this.#look(fileIndices)
    for (const fileIndex of fileIndices) {
      const before = this.#stamps.get(fileIndex)
      const now = stamps?.get(fileIndex)
      if (before === undefined) continue
      // One that was too long has been cut.
      const size = Math.min(before.size, files[fileIndex]!.length)
      if (now !== undefined && mayHaveGrown({ ...before, size }, now)) this.#stamps.set(fileIndex, now)
      else this.#stamps.delete(fileIndex)
    }
  }

  #renew(): Promise<void> {
    this.#renewing ??= this.#renewOrWithdraw().finally(() => {
      this.#renewing = undefined
    })
    return this.#renewing
  }

  async #renewOrWithdraw(): Promise<void> {
    // Perhaps the one that is under way will do.
    await this.#saving.catch(() => {})
    if (!this.#isStale) return
    if (this.#claims === undefined) return await this.#withdraw().catch(() => {})
    this.#claims = { ...this.#claims, isClean: false }
    await this.#save().catch(() => this.#withdraw())
  }

  async #withdraw(): Promise<void> {
    const changes = this.#changes
    await this.#file.remove()
    this.#savedChanges = changes
  }

  async #touch(): Promise<void> {
    this.#touchedMs = this.#tools.clock.now()
    await this.#file.touch()
  }
}

function copyOf(field: Bitfield): Bitfield {
  const copy = new Bitfield(field.size)
  copy.assign(field)
  return copy
}

function holdsAll({ metainfo }: FileMap, fileIndex: number, pieces: Bitfield): boolean {
  const { first, end } = metainfo.geometry.piecesOfFile(fileIndex)
  for (let index = first; index < end; index++) if (!pieces.has(index)) return false
  return true
}
