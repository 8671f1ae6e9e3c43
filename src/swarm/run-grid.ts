/**
 * How a torrent is cut into runs. A run is the stretch of the byte space that is admitted to memory, and
 * handed to the disk, at once: several small pieces, one piece, or a part of a piece too large for memory.
 */
import { BLOCK_BYTES, type Geometry, type PieceIndex } from '../core/geometry.js'

/** Small pieces share a run of about this much: enough that a task costs nothing beside its bytes. */
const RUN_BYTES = 1024 * 1024

/** A piece is assembled whole while this many of them fit into memory; otherwise it comes in parts. */
const WHOLE_PIECES_IN_MEMORY = 16

export class RunGrid {
  /** Small pieces to a run; 1 for large ones. */
  readonly piecesPerRun: number
  /** Runs to a piece; 1 for those assembled whole. */
  readonly partsPerPiece: number
  /** What a run's buffer holds at most, in bytes. */
  readonly bufferBytes: number
  readonly #blocksPerPiece: number

  /** With `wholePieces` no piece is ever cut into parts, whatever memory it takes. */
  constructor(
    readonly geometry: Geometry,
    memoryBytes: number,
    wholePieces = false,
  ) {
    const { pieceLength } = geometry
    const inParts = !wholePieces && pieceLength > Math.max(RUN_BYTES, memoryBytes / WHOLE_PIECES_IN_MEMORY)
    const runBytes = Math.min(RUN_BYTES, Math.max(pieceLength, memoryBytes / WHOLE_PIECES_IN_MEMORY))
    this.piecesPerRun = inParts || wholePieces ? 1 : Math.max(1, Math.floor(runBytes / pieceLength))
    const partBytes = Math.max(BLOCK_BYTES, runBytes - (runBytes % BLOCK_BYTES))
    this.partsPerPiece = inParts ? Math.ceil(pieceLength / partBytes) : 1
    this.#blocksPerPiece = Math.ceil(pieceLength / BLOCK_BYTES)
    this.bufferBytes = inParts ? partBytes : this.piecesPerRun * pieceLength
  }

  /** The number that a run's pieces (or its one part) are looked up by. */
  unitOf(index: PieceIndex, begin: number): number {
    if (this.partsPerPiece === 1) return index
    return index * this.partsPerPiece + Math.floor(begin / this.bufferBytes)
  }

  /** One number for each block of the torrent. */
  blockKey({ index, begin }: { readonly index: number; readonly begin: number }): number {
    return index * this.#blocksPerPiece + begin / BLOCK_BYTES
  }

  /** The other way round. */
  blockOfKey(key: number): { readonly index: PieceIndex; readonly begin: number } {
    const index = Math.floor(key / this.#blocksPerPiece) as PieceIndex
    return { index, begin: (key % this.#blocksPerPiece) * BLOCK_BYTES }
  }

  /** How many parts this piece has; the last piece may have fewer. */
  partCount(index: PieceIndex): number {
    return this.partsPerPiece === 1 ? 1 : Math.ceil(this.geometry.pieceBytes(index) / this.bufferBytes)
  }
}
