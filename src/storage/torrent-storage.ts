/**
 * A torrent's files on disk: the front of this room, which hands each concern to a collaborator.
 *
 *   FileMap        where each byte lies          PieceWriter   pieces to the pool
 *   OutputFolder   opens files safely            existing-data what is already there
 *   HandleCache    keeps few of them open        final-form    the end of a download
 *   ResumeKeeper   what the next run may trust   block-reader  pieces for peers
 *
 * Files are made when their first byte is written, empty ones at the end. One that is longer than the
 * metainfo says is left alone until `finish()`, which cuts it to its length.
 */
import type { Bitfield } from '../core/bitfield.js'
import { type Clock, systemClock } from '../core/clock.js'
import type { PieceIndex } from '../core/geometry.js'
import { allocateFully } from './allocation.js'
import { readBlocks } from './block-reader.js'
import { findEdgePieces } from './edge-pieces.js'
import { findExisting, verifyPiece } from './existing-data.js'
import { FileMap } from './file-map.js'
import { fileStamps } from './file-stamps.js'
import { giveFinalForm } from './final-form.js'
import type { HandleCache } from './handle-cache.js'
import { InFlight } from './in-flight.js'
import { MetadataFile } from './metadata-file.js'
import { OutputFile } from './output-file.js'
import { OutputFolder } from './output-folder.js'
import type { PiecePool } from './piece-pool.js'
import type {
  BufferedPart,
  BufferedPiece,
  PieceStore,
  ReadImages,
  ResumedState,
  ResumeState,
  StoredPieces,
  VerifyOptions,
} from './piece-store.js'
import type { Verdict } from './piece-tasks.js'
import { PieceWriter } from './piece-writer.js'
import { ResumeKeeper } from './resume-keeper.js'
import type { StoredMetainfo } from './stored-metainfo.js'

export interface TorrentStorageOptions {
  readonly metainfo: StoredMetainfo
  /** The output folder. Nothing outside it is ever touched. */
  readonly folder: string
  readonly selected: (fileIndex: number) => boolean
  /** `sparse`: files grow as pieces come. `full`: their space is taken in `prepare()`. */
  readonly allocate: 'sparse' | 'full'
  /** Shared with other torrents; not closed here. */
  readonly pool: PiecePool
  /** Shared with other torrents; not closed here. */
  readonly handles: HandleCache
  /** The system's unless given. */
  readonly clock?: Clock
}

export class TorrentStorage implements PieceStore {
  readonly waitingCount = 0
  readonly #allocate: 'sparse' | 'full'
  readonly #pool: PiecePool
  readonly #handles: HandleCache
  readonly #folder: OutputFolder
  readonly #map: FileMap
  readonly #writer: PieceWriter
  readonly #resume: ResumeKeeper
  readonly #calls = new InFlight('storage')

  constructor(options: TorrentStorageOptions) {
    const { metainfo, folder, selected, allocate, pool, handles, clock = systemClock } = options
    this.#allocate = allocate
    this.#pool = pool
    this.#handles = handles
    this.#folder = new OutputFolder(folder)
    this.#map = new FileMap(metainfo, this.#folder, selected)
    this.#writer = new PieceWriter(this.#map, pool, handles)
    this.#resume = new ResumeKeeper({ map: this.#map, pool, handles, clock })
  }

  /** The absolute path at which a file is, or will be. */
  filePath(fileIndex: number): string {
    return this.#map.file(fileIndex).path
  }

  prepare(onProgress?: (allocatedBytes: number, bytesToAllocate: number) => void): Promise<void> {
    return this.#calls.run(async () => {
      await this.#folder.prepare()
      if (this.#allocate === 'sparse') return
      const tools = { map: this.#map, pool: this.#pool, handles: this.#handles }
      const throwIfStopped = (): void => this.#calls.throwIfClosed()
      await this.#resume.duringWrite(() => allocateFully(tools, throwIfStopped, onProgress))
    })
  }

  verifyExisting({ only, onProgress, signal }: VerifyOptions = {}): Promise<Bitfield> {
    const throwIfStopped = (): void => {
      signal?.throwIfAborted()
      this.#calls.throwIfClosed()
    }
    return this.#calls.run(async () => {
      const tools = { map: this.#map, pool: this.#pool }
      const options = { only, onProgress, throwIfStopped }
      const existing = await findExisting(tools, options)
      await findEdgePieces(tools, existing, options)
      this.#resume.noteChecked(existing, only)
      return existing.found
    })
  }

  /** Of these files, by their place in the metainfo; ABSENT for what is not there. */
  lengthsOnDisk(fileIndices: readonly number[]): Promise<ReadonlyMap<number, number>> {
    return this.#calls.run(async () => {
      const files = fileIndices.map((fileIndex) => this.#map.file(fileIndex))
      const stamps = await fileStamps(this.#pool, files)
      return new Map(fileIndices.map((fileIndex, place) => [fileIndex, stamps[place]!.size]))
    })
  }

  storePieces(buffer: ArrayBuffer, pieces: readonly BufferedPiece[]): Promise<StoredPieces> {
    return this.#calls.run(() => this.#resume.duringWrite(() => this.#writer.store(buffer, pieces)))
  }

  writePart(buffer: ArrayBuffer, part: BufferedPart): Promise<ArrayBuffer> {
    return this.#calls.run(() => this.#resume.duringWrite(() => this.#writer.writePart(buffer, part)))
  }

  verifyPiece(index: PieceIndex): Promise<Verdict> {
    return this.#calls.run(async () => {
      const verdict = await verifyPiece({ map: this.#map, pool: this.#pool }, index)
      if (verdict === 'corrupt') this.#resume.noteCorrupt(index)
      return verdict
    })
  }

  canRead(index: PieceIndex): boolean {
    return this.#map.pieceSpans(index).every((span) => span.file !== this.#map.parts)
  }

  readBlocks(
    blocks: readonly number[],
    takeImages: (count: number) => readonly ArrayBuffer[],
  ): Promise<ReadImages> {
    return this.#calls.run(() => readBlocks({ map: this.#map, pool: this.#pool }, blocks, takeImages))
  }

  loadResume(): Promise<ResumedState | undefined> {
    return this.#calls.run(() => this.#resume.load())
  }

  saveResume(state: ResumeState): Promise<void> {
    return this.#calls.run(() => this.#resume.save(state))
  }

  async removeResume(): Promise<void> {
    await this.#resume.remove()
    await new MetadataFile(this.#folder.path, this.#map.metainfo.infoHash.hex).remove()
  }

  finish(): Promise<void> {
    return this.#calls.run(() => giveFinalForm(this.#map, this.#pool, this.#handles))
  }

  /** The disk takes pieces in any order, and takes them all. */
  giveUp(): void {}

  async close(): Promise<void> {
    await this.#calls.close()
    await this.#writer.settled()
    await this.#handles.discard((file) => file instanceof OutputFile && file.folder === this.#folder)
  }
}
