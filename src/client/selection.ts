/** Which files of a torrent are wanted, and what that means for its pieces. */
import { Bitfield } from '../core/bitfield.js'
import { OptionError } from '../core/errors.js'
import type { PieceIndex } from '../core/geometry.js'
import type { Metainfo, MetainfoFile } from '../metainfo/metainfo.js'
import { checkedList } from './checked-list.js'

export class Selection {
  /** Pieces that hold a byte of a selected file. */
  readonly pieces: Bitfield
  /** Selected bytes. */
  readonly totalBytes: number
  readonly #metainfo: Metainfo
  readonly #isSelected: Uint8Array

  private constructor(metainfo: Metainfo, fileIndices: Iterable<number>) {
    this.#metainfo = metainfo
    this.#isSelected = new Uint8Array(metainfo.files.length)
    this.pieces = new Bitfield(metainfo.geometry.pieceCount)
    let totalBytes = 0
    for (const fileIndex of fileIndices) {
      if (this.#isSelected[fileIndex] === 1) continue
      this.#isSelected[fileIndex] = 1
      totalBytes += metainfo.files[fileIndex]!.length
      const { first, end } = metainfo.geometry.piecesOfFile(fileIndex)
      for (let index = first; index < end; index++) this.pieces.set(index)
    }
    this.totalBytes = totalBytes
  }

  /**
   * Files chosen by globs over their paths, or by their numbers as `show` lists them (padding not counted); all
   * of them when nothing is asked for. A glob without a slash may match the last component alone; one with
   * slashes matches from the output folder or from the torrent's own folder on. Rejects with OptionError.
   */
  static async of(metainfo: Metainfo, asked: readonly (string | number)[] | undefined): Promise<Selection> {
    const listed = [...metainfo.files.keys()].filter((index) => isWritten(metainfo.files[index]!))
    if (asked === undefined || asked.length === 0) return new Selection(metainfo, listed)
    const chosen: number[] = []
    for (const choice of checkedList('select', asked)) {
      const found =
        typeof choice === 'number'
          ? listed.slice(choice, choice + 1)
          : listed.filter(await globMatcher(metainfo, choice))
      if (found.length === 0) throw new OptionError('NOTHING_SELECTED', `no file matches ${choice}`)
      for (const fileIndex of found) chosen.push(fileIndex)
    }
    return new Selection(metainfo, chosen)
  }

  /** Every file that is written at all is selected. */
  get isAll(): boolean {
    return this.#metainfo.files.every((file, fileIndex) => this.has(fileIndex) || !isWritten(file))
  }

  has(fileIndex: number): boolean {
    return this.#isSelected[fileIndex] === 1
  }

  /** File numbers of the metainfo, in its order. */
  *fileIndices(): Generator<number, void, undefined> {
    for (let index = 0; index < this.#isSelected.length; index++) if (this.has(index)) yield index
  }

  /** True when all of its pieces are among these: there is nothing to write. */
  isAmong(pieces: Bitfield): boolean {
    for (let index = 0; index < this.pieces.size; index++) {
      if (this.pieces.has(index) && !pieces.has(index)) return false
    }
    return true
  }

  /** How many selected bytes the piece holds. */
  bytesOf(index: PieceIndex): number {
    const { geometry } = this.#metainfo
    let bytes = 0
    for (const span of geometry.spans(geometry.pieceOffset(index), geometry.pieceBytes(index))) {
      if (this.has(span.fileIndex)) bytes += span.length
    }
    return bytes
  }
}

/** Padding and symlinks are part of the byte space, but never written. */
function isWritten(file: MetainfoFile): boolean {
  return !file.isPadding && !file.isSymlink
}

async function globMatcher(metainfo: Metainfo, glob: string): Promise<(fileIndex: number) => boolean> {
  const { default: picomatch } = await import('picomatch')
  const matches = picomatch(glob, { dot: true })
  return (fileIndex) => {
    const { path } = metainfo.files[fileIndex]!
    const belowFolder = path.slice(path.length > 1 ? 1 : 0).join('/')
    if (matches(path.join('/')) || matches(belowFolder)) return true
    return !glob.includes('/') && matches(path.at(-1)!)
  }
}
