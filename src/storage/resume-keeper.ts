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
import type { HandleCache } from './handle-cache.js'
import type { PiecePool } from './piece-pool.js'
import type { ResumedState, ResumeState } from './piece-store.js'
import { ResumeFile } from './resume-file.js'
import { decodeResume, encodeResume, type ResumeRecord, resumeBytesLimit } from './resume-record.js'
import { RESUME_SAVE_MS } from './resume-save-ms.js'
import { judgeResume } from './resume-trust.js'
import { StampBook } from './stamp-book.js'

export interface ResumeTools {
  readonly map: FileMap
  readonly pool: PiecePool
  readonly handles: HandleCache
  readonly clock: Clock
}

export class ResumeKeeper {
  readonly #tools: ResumeTools
  readonly #file: ResumeFile
  readonly #book: StampBook
  /** The newest state that is known to be true. */
  #claims: ResumeState | undefined
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
    this.#book = new StampBook(tools.map, tools.pool)
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
    this.#book.noteRead(stamps, only)
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
    const stamps = await this.#book.lookAtAll().catch(unlessInTheWay)
    if (stamps === undefined) return undefined
    const { uploadedBytes, downloadedBytes } = record
    const { have, toCheck, trusted } = judgeResume(this.#tools.map, { record, aliveAtNs, stamps })
    this.#book.replace(trusted)
    this.#claims = { have: copyOf(have), uploadedBytes, downloadedBytes, isClean: false }
    return { have, toCheck, uploadedBytes, downloadedBytes }
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
    const { map } = this.#tools
    const claims = this.#claims
    if (claims === undefined) return
    let savedChanges = this.#savedChanges
    await this.#file.replace(async (savedAtNs) => {
      // Whatever else is written from here on has a later time than the save.
      await this.#book.noteWritten(await syncWritten(map, this.#tools))
      this.#touchedMs = this.#tools.clock.now()
      savedChanges = this.#changes
      const isClean = claims.isClean && this.#writesUnderWay === 0
      // A clean record may not outlive the next write.
      if (isClean) this.#changes++
      return encodeResume({ ...claims, isClean, savedAtNs, stamps: this.#book.stamps }, map.metainfo)
    })
    this.#savedChanges = savedChanges
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

/** Whoever reads or writes the data will say what is in the way. */
function unlessInTheWay(error: unknown): undefined {
  if (!(error instanceof StorageError)) throw error
}
