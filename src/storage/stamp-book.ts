/**
 * Knows what the selected files looked like when their contents were known: the ground that claims about pieces
 * stand on. A file that nobody looked at whole, or that became another, is not in the book, and what is said of
 * its pieces has to be checked by the next run.
 */
import type { Bitfield } from '../core/bitfield.js'
import type { FileMap } from './file-map.js'
import { type FileStamp, mayHaveGrown } from './file-stamp.js'
import { fileStamps } from './file-stamps.js'
import type { PiecePool } from './piece-pool.js'

export class StampBook {
  readonly #map: FileMap
  readonly #pool: PiecePool
  readonly #stamps = new Map<number, FileStamp>()

  constructor(map: FileMap, pool: PiecePool) {
    this.#map = map
    this.#pool = pool
  }

  /** By the files' places in the metainfo. */
  get stamps(): ReadonlyMap<number, FileStamp> {
    return this.#stamps
  }

  /** The selected files that hold bytes, as they are now. Rejects with `StorageError`. */
  lookAtAll(): Promise<Map<number, FileStamp>> {
    const { metainfo, selected } = this.#map
    return this.#look(selected.filter((fileIndex) => metainfo.files[fileIndex]!.length > 0))
  }

  /** Forgets all but these. */
  replace(stamps: ReadonlyMap<number, FileStamp>): void {
    this.#stamps.clear()
    for (const [fileIndex, stamp] of stamps) this.#stamps.set(fileIndex, stamp)
  }

  /**
   * Files of which pieces were read.
   *
   * @param stamps as they were before
   * @param only the pieces that were read, unless it was all of them
   */
  noteRead(stamps: ReadonlyMap<number, FileStamp>, only: Bitfield | undefined): void {
    for (const [fileIndex, stamp] of stamps) {
      if (only !== undefined && !holdsAll(this.#map, fileIndex, only)) continue
      this.#stamps.set(fileIndex, stamp)
      const file = this.#map.file(fileIndex)
      // If that was meanwhile, the next save has to look again.
      if (file.wasWritten) file.noteWriting()
    }
  }

  /** Files that this run has written to: they are expected to have grown, but not to be others now. */
  async noteWritten(fileIndices: readonly number[]): Promise<void> {
    const known = fileIndices.filter((fileIndex) => this.#stamps.has(fileIndex))
    for (const [fileIndex, now] of await this.#look(known)) {
      const before = this.#stamps.get(fileIndex)!
      // A file that was too long has been cut at the end of the download.
      const size = Math.min(before.size, this.#map.metainfo.files[fileIndex]!.length)
      if (mayHaveGrown({ ...before, size }, now)) this.#stamps.set(fileIndex, now)
      else this.#stamps.delete(fileIndex)
    }
  }

  async #look(fileIndices: readonly number[]): Promise<Map<number, FileStamp>> {
    const files = fileIndices.map((fileIndex) => this.#map.file(fileIndex))
    const stamps = await fileStamps(this.#pool, files)
    return new Map(fileIndices.map((fileIndex, place) => [fileIndex, stamps[place]!]))
  }
}

function holdsAll({ metainfo }: FileMap, fileIndex: number, pieces: Bitfield): boolean {
  const { first, end } = metainfo.geometry.piecesOfFile(fileIndex)
  for (let index = first; index < end; index++) if (!pieces.has(index)) return false
  return true
}
