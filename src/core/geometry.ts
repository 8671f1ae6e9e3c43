/**
 * All arithmetic between pieces, blocks, files and the torrent's byte space, in one value type. The byte
 * space is every file of the torrent, padding included, laid end to end in the order of the metainfo.
 */

/** A piece's number. Only {@link Geometry.toPieceIndex} makes one from a raw number. */
export type PieceIndex = number & { readonly brand: 'PieceIndex' }

/** The most that one request may ask for, and the unit of requests: 16 KiB (BEP 3). */
export const BLOCK_BYTES = 16_384

/** A file's place in the byte space. */
export interface FileExtent {
  /** Bytes before it in the byte space. */
  readonly offset: number
  /** In bytes; may be 0. */
  readonly length: number
}

/** A contiguous part of one file that a stretch of the byte space maps to. */
export interface FileSpan {
  /** Which file, by its place in the metainfo. */
  readonly fileIndex: number
  /** Where in the file it starts, in bytes. */
  readonly fileOffset: number
  /** Where in the stretch it starts, in bytes. */
  readonly stretchOffset: number
  readonly length: number
}

export class Geometry {
  readonly pieceCount: number
  /** In every piece but perhaps the last. */
  readonly blocksPerPiece: number

  constructor(
    readonly totalBytes: number,
    readonly pieceLength: number,
    readonly files: readonly FileExtent[],
  ) {
    this.pieceCount = Math.ceil(totalBytes / pieceLength)
    this.blocksPerPiece = Math.ceil(pieceLength / BLOCK_BYTES)
  }

  /** A number straight off the wire becomes a PieceIndex here, or nowhere. */
  toPieceIndex(raw: number): PieceIndex | undefined {
    return Number.isInteger(raw) && raw >= 0 && raw < this.pieceCount ? (raw as PieceIndex) : undefined
  }

  /** Where the piece starts in the byte space. */
  pieceOffset(index: PieceIndex): number {
    return index * this.pieceLength
  }

  /** The piece's length in bytes; only the last may be shorter than `pieceLength`. */
  pieceBytes(index: PieceIndex): number {
    return index === this.pieceCount - 1 ? this.totalBytes - index * this.pieceLength : this.pieceLength
  }

  /** How many blocks the piece has; only its last may be shorter than BLOCK_BYTES. */
  blockCount(index: PieceIndex): number {
    return Math.ceil(this.pieceBytes(index) / BLOCK_BYTES)
  }

  /** The number, among all blocks of the torrent, of the one that holds the piece's byte at `begin`. */
  blockNumber(index: PieceIndex, begin: number): number {
    return index * this.blocksPerPiece + Math.floor(begin / BLOCK_BYTES)
  }

  /** One more than the last block's number. */
  get blockNumberEnd(): number {
    if (this.pieceCount === 0) return 0
    const last = (this.pieceCount - 1) as PieceIndex
    return this.blockNumber(last, 0) + this.blockCount(last)
  }

  /** Which piece the block of that number belongs to. */
  pieceOfBlock(block: number): PieceIndex {
    return Math.floor(block / this.blocksPerPiece) as PieceIndex
  }

  /** The length of the block that begins at `begin`, in bytes. */
  blockBytes(index: PieceIndex, begin: number): number {
    return Math.min(BLOCK_BYTES, this.pieceBytes(index) - begin)
  }

  /** The file spans that a stretch of the byte space covers, in order. Zero-length files never appear. */
  spans(offset: number, length: number): FileSpan[] {
    const spans: FileSpan[] = []
    const end = offset + length
    for (let fileIndex = this.#firstFileAt(offset); fileIndex < this.files.length; fileIndex++) {
      const file = this.files[fileIndex]!
      if (file.offset >= end) break
      const from = Math.max(offset, file.offset)
      const to = Math.min(end, file.offset + file.length)
      if (to > from) {
        spans.push({
          fileIndex,
          fileOffset: from - file.offset,
          stretchOffset: from - offset,
          length: to - from,
        })
      }
    }
    return spans
  }

  /** The first piece that holds a byte of the file, and the one after the last. Empty for a file of no bytes. */
  piecesOfFile(fileIndex: number): { readonly first: number; readonly end: number } {
    const file = this.files[fileIndex]!
    const first = Math.floor(file.offset / this.pieceLength)
    return {
      first,
      end: file.length === 0 ? first : Math.ceil((file.offset + file.length) / this.pieceLength),
    }
  }

  /** Binary search for the first file that ends after the offset. */
  #firstFileAt(offset: number): number {
    let low = 0
    let high = this.files.length
    while (low < high) {
      const middle = (low + high) >> 1
      const file = this.files[middle]!
      if (file.offset + file.length <= offset) low = middle + 1
      else high = middle
    }
    return low
  }
}
