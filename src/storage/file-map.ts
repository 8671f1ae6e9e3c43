/**
 * Where each byte of a torrent lies on disk.
 *
 * Selected files lie where the metainfo says. A piece at the edge of the selection also holds bytes of files
 * that were not selected and must not be created: those go to one sparse parts file beside them, each at its
 * offset in the torrent's byte space, so that such a piece can be read back. Padding (BEP 47) lies nowhere.
 */
import type { PieceIndex } from '../core/geometry.js'
import { OutputFile } from './output-file.js'
import type { OutputFolder } from './output-folder.js'
import type { StoredMetainfo } from './stored-metainfo.js'

/** A contiguous part of one file on disk. */
export interface DiskSpan {
  /** Undefined for padding: zeros that are not on disk. */
  readonly file: OutputFile | undefined
  /** In the file, in bytes. */
  readonly position: number
  /** Where in the stretch it starts, in bytes. */
  readonly stretchOffset: number
  readonly length: number
}

export class FileMap {
  /** Indices of the selected files, empty ones included; padding and symlinks are never among them. */
  readonly selected: readonly number[]
  readonly parts: OutputFile
  readonly #files: (OutputFile | undefined)[] = []
  readonly #isSelected: Uint8Array

  constructor(
    readonly metainfo: StoredMetainfo,
    readonly folder: OutputFolder,
    isSelected: (fileIndex: number) => boolean,
  ) {
    this.parts = new OutputFile(folder, [`.${metainfo.infoHash.hex}.parts`])
    this.#isSelected = Uint8Array.from(metainfo.files, (file, fileIndex) =>
      !file.isPadding && !file.isSymlink && isSelected(fileIndex) ? 1 : 0,
    )
    this.selected = [...this.#isSelected.keys()].filter((fileIndex) => this.#isSelected[fileIndex] === 1)
  }

  /** Bytes of some files, padding aside, go to the parts file. */
  get hasUnselected(): boolean {
    return this.metainfo.files.some((file, fileIndex) => !file.isPadding && this.#isSelected[fileIndex] === 0)
  }

  /** The file at its own place, whether it is selected or not. */
  file(fileIndex: number): OutputFile {
    let file = this.#files[fileIndex]
    if (file === undefined) {
      file = new OutputFile(this.folder, this.metainfo.files[fileIndex]!.path)
      this.#files[fileIndex] = file
    }
    return file
  }

  /** Where a stretch of the torrent's byte space lies, in order. */
  spans(offset: number, length: number): DiskSpan[] {
    return this.metainfo.geometry.spans(offset, length).map((span) => {
      const { stretchOffset } = span
      if (this.#isSelected[span.fileIndex] === 1) {
        return {
          file: this.file(span.fileIndex),
          position: span.fileOffset,
          stretchOffset,
          length: span.length,
        }
      }
      const file = this.metainfo.files[span.fileIndex]!.isPadding ? undefined : this.parts
      return { file, position: offset + stretchOffset, stretchOffset, length: span.length }
    })
  }

  pieceSpans(index: PieceIndex): DiskSpan[] {
    const { geometry } = this.metainfo
    return this.spans(geometry.pieceOffset(index), geometry.pieceBytes(index))
  }

  /** Files that may have been written in this run, the parts file not included. */
  written(): OutputFile[] {
    return this.#files.filter((file) => file?.wasWritten === true) as OutputFile[]
  }
}
