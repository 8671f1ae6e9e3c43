/**
 * Finds out which pieces are on disk: from what the last run saved, as far as the files are as it left them,
 * and by hashing the rest. Makes sure then that there is a place to write to, if there is anything to write.
 */
import { Bitfield } from '../core/bitfield.js'
import type { PieceStore, ResumedState } from '../storage/piece-store.js'
import type { Selection } from './selection.js'
import type { TorrentEvent } from './torrent-event.js'
import type { CheckedTorrentOptions } from './torrent-options.js'

export interface CheckParts {
  readonly store: PieceStore
  readonly selection: Selection
  readonly options: CheckedTorrentOptions
  readonly apply: (event: TorrentEvent) => void
}

export class TorrentCheck {
  readonly #store: PieceStore
  readonly #parts: CheckParts
  readonly #stopping = new AbortController()
  #isDone = false
  #checkedBytes = 0
  #bytesToCheck = 0
  #saved: ResumedState | undefined

  constructor(parts: CheckParts) {
    this.#store = parts.store
    this.#parts = parts
  }

  /** It is known what is there: not while that is being looked at, for the first time or again. */
  get isDone(): boolean {
    return this.#isDone
  }

  /** Of what had to be hashed (or filled with zeros), in bytes. */
  get checkedBytes(): number {
    return this.#checkedBytes
  }

  get bytesToCheck(): number {
    return this.#bytesToCheck
  }

  /** Payload bytes of earlier runs. */
  get uploadedBefore(): number {
    return this.#saved?.uploadedBytes ?? 0
  }

  get downloadedBefore(): number {
    return this.#saved?.downloadedBytes ?? 0
  }

  /** Ends in the event `checked` or `failed`. */
  run(how: { readonly trustsSaved: boolean }): void {
    this.#isDone = false
    this.#find(how.trustsSaved)
      .then((have) => {
        this.#isDone = true
        this.#parts.apply({ type: 'checked', have })
      })
      .catch((error: Error) => this.#parts.apply({ type: 'failed', error }))
  }

  stop(): void {
    this.#stopping.abort()
  }

  async #find(trustsSaved: boolean): Promise<Bitfield> {
    const saved = trustsSaved ? await this.#store.loadResume() : undefined
    this.#saved ??= saved
    const have = saved === undefined ? await this.#hash(undefined) : await this.#complement(saved)
    const { selection, options } = this.#parts
    const hasToWrite = options.download && !selection.isAmong(have)
    if (hasToWrite) await this.#store.prepare((done, all) => this.#note(done, all))
    return have
  }

  async #complement({ have, toCheck }: ResumedState): Promise<Bitfield> {
    if (toCheck.count === 0) return have
    const found = await this.#hash(toCheck)
    const all = new Bitfield(have.size)
    for (let index = 0; index < all.size; index++) if (have.has(index) || found.has(index)) all.set(index)
    return all
  }

  #hash(only: Bitfield | undefined): Promise<Bitfield> {
    return this.#store.verifyExisting({
      ...(only === undefined ? {} : { only }),
      onProgress: (checkedBytes, bytesToCheck) => this.#note(checkedBytes, bytesToCheck),
      signal: this.#stopping.signal,
    })
  }

  #note(checkedBytes: number, bytesToCheck: number): void {
    this.#checkedBytes = checkedBytes
    this.#bytesToCheck = bytesToCheck
  }
}
