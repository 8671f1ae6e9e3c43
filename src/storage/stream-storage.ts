/**
 * One file of a torrent to a stream, in order (`-o -`). Pieces are verified in the pool as they come; a
 * verified piece stays in the caller's buffer until all earlier ones are out, so that a slow reader holds
 * back the download and nothing else piles up. The caller must therefore ask for pieces in order.
 *
 * The stream must not block in `write`, as `process.stdout` does on a pipe: a file stream over descriptor 1
 * will do.
 */
import type { Writable } from 'node:stream'
import { Bitfield } from '../core/bitfield.js'
import { OptionError } from '../core/errors.js'
import type { PieceIndex } from '../core/geometry.js'
import { InFlight } from './in-flight.js'
import { OrderedOutput } from './ordered-output.js'
import type { PiecePool } from './piece-pool.js'
import type { BufferedPiece, PieceStore, ReadImages, StoredPieces } from './piece-store.js'
import { hashesOf, type StoredMetainfo } from './stored-metainfo.js'

export interface StreamStorageOptions {
  readonly metainfo: StoredMetainfo
  /** The one file that goes out. */
  readonly fileIndex: number
  /** Not ended here. */
  readonly output: Writable
  /** Shared with other torrents; not closed here. */
  readonly pool: PiecePool
}

export class StreamStorage implements PieceStore {
  readonly #metainfo: StoredMetainfo
  readonly #pool: PiecePool
  readonly #output: OrderedOutput
  readonly #calls = new InFlight('storage')
  /** The file's bytes and pieces in the torrent. */
  readonly #start: number
  readonly #end: number
  readonly #pieces: { readonly first: number; readonly end: number }

  constructor({ metainfo, fileIndex, output, pool }: StreamStorageOptions) {
    const { geometry, files } = metainfo
    const file = files[fileIndex]!
    this.#metainfo = metainfo
    this.#pool = pool
    this.#start = file.offset
    this.#end = file.offset + file.length
    this.#pieces = geometry.piecesOfFile(fileIndex)
    this.#output = new OrderedOutput(output, this.#pieces.first)
  }

  get waitingCount(): number {
    return this.#output.waitingCount
  }

  prepare(): Promise<void> {
    return this.#calls.run(async () => this.#output.throwIfTroubled())
  }

  /** What has gone down a stream cannot be looked at: nothing is there. */
  verifyExisting(): Promise<Bitfield> {
    return this.#calls.run(async () => new Bitfield(this.#metainfo.geometry.pieceCount))
  }

  /**
   * Resolves once the stream has taken all pieces, or at once when one is corrupt: that one has to come again
   * before the others can go out, so that these are copied and the buffer is handed back.
   */
  storePieces(buffer: ArrayBuffer, pieces: readonly BufferedPiece[]): Promise<StoredPieces> {
    return this.#calls.run(async () => {
      this.#output.throwIfTroubled()
      const answer = await this.#verify(buffer, pieces)
      const verdicts = pieces.map((_, place) => (answer.corrupt.includes(place) ? 'corrupt' : 'stored'))
      const right = pieces.filter((_, place) => verdicts[place] === 'stored')
      if (right.length === pieces.length)
        await Promise.all(right.map((piece) => this.#hand(piece, answer.buffer)))
      else for (const piece of right) this.#handCopy(piece, answer.buffer)
      return { buffer: answer.buffer, verdicts }
    })
  }

  /** Rejects: a piece that is not held whole cannot be verified before it is out of reach. */
  async writePart(): Promise<never> {
    throw wholePiecesOnly()
  }

  async verifyPiece(): Promise<never> {
    throw wholePiecesOnly()
  }

  canRead(): boolean {
    return false
  }

  readBlocks(): Promise<ReadImages> {
    return this.#calls.run(async () => ({ images: [], outcome: 'missing' }))
  }

  /** What went down the stream before is of no use to another run. */
  loadResume(): Promise<undefined> {
    return this.#calls.run(async () => undefined)
  }

  saveResume(): Promise<void> {
    return this.#calls.run(async () => {})
  }

  async removeResume(): Promise<void> {}

  finish(): Promise<void> {
    return this.#calls.run(async () => this.#output.throwIfTroubled())
  }

  giveUp(): void {
    this.#output.close()
  }

  /** Pieces that still wait for their turn are given up; a stuck reader holds nobody back. */
  async close(): Promise<void> {
    this.giveUp()
    await this.#calls.close()
  }

  #verify(buffer: ArrayBuffer, pieces: readonly BufferedPiece[]) {
    const { geometry } = this.#metainfo
    return this.#pool.run('storePieces', {
      buffer,
      hashes: hashesOf(
        this.#metainfo,
        pieces.map((piece) => piece.index),
      ),
      pieces: pieces.flatMap(({ index, offset }) => [offset, geometry.pieceBytes(index), 0]),
      spans: [],
    })
  }

  async #hand({ index, offset }: BufferedPiece, buffer: ArrayBuffer): Promise<void> {
    if (this.#isOurs(index)) await this.#output.hand(index, this.#ownBytes(index, offset, buffer))
  }

  #handCopy({ index, offset }: BufferedPiece, buffer: ArrayBuffer): void {
    if (!this.#isOurs(index)) return
    // Trouble with the stream also rejects the next call, which is soon enough.
    this.#output.hand(index, this.#ownBytes(index, offset, buffer).slice()).catch(() => {})
  }

  #isOurs(index: PieceIndex): boolean {
    return index >= this.#pieces.first && index < this.#pieces.end
  }

  /** The part of the piece that belongs to the file. */
  #ownBytes(index: PieceIndex, offset: number, buffer: ArrayBuffer): Uint8Array {
    const { geometry } = this.#metainfo
    const pieceStart = geometry.pieceOffset(index)
    const from = Math.max(pieceStart, this.#start)
    const to = Math.min(pieceStart + geometry.pieceBytes(index), this.#end)
    return new Uint8Array(buffer, offset + from - pieceStart, to - from)
  }
}

function wholePiecesOnly(): OptionError {
  return new OptionError('MEMORY_TOO_SMALL', 'a piece must fit into memory whole to be written to a stream')
}
