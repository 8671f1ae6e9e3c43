/**
 * What somebody who is read as a stream of bytes (a web seed) has been asked for: stretches of the byte space, in the
 * order in which they will be read. Blocks are joined to stretches on their way in, and bytes cut into parts of blocks
 * on their way out.
 */
import { BLOCK_BYTES, type Geometry, type PieceIndex } from '../core/geometry.js'
import type { BlockPart, BlockRequest } from '../wire/messages.js'

export interface ByteStretch {
  /** The next byte that is wanted. */
  at: number
  /** The byte after the last. */
  end: number
}

export class BytePlan {
  readonly #geometry: Geometry
  #stretches: ByteStretch[] = []

  constructor(geometry: Geometry) {
    this.#geometry = geometry
  }

  /** What is to be read now; undefined when there is nothing. */
  get next(): Readonly<ByteStretch> | undefined {
    return this.#stretches[0]
  }

  add(requests: readonly BlockRequest[]): void {
    const blocks = requests.map(({ index, begin, length }) => {
      const at = this.#geometry.pieceOffset(index as PieceIndex) + begin
      return { at, end: at + length }
    })
    for (const block of blocks.sort((a, b) => a.at - b.at)) {
      const last = this.#stretches.at(-1)
      if (last?.end === block.at) last.end = block.end
      else this.#stretches.push(block)
    }
  }

  clear(): void {
    this.#stretches = []
  }

  /**
   * Cuts bytes, the first of which is the next that is wanted, into parts of blocks, up to the end of the stretch.
   * Answers how many of them that were. The parts are views of the bytes.
   */
  take(bytes: Uint8Array, visit: (part: BlockPart) => void): number {
    const stretch = this.#stretches[0]
    if (stretch === undefined) return 0
    const most = Math.min(bytes.length, stretch.end - stretch.at)
    for (let taken = 0; taken < most; ) {
      const part = this.#partAt(stretch.at, bytes.subarray(taken, most))
      taken += part.bytes.length
      stretch.at += part.bytes.length
      visit(part)
    }
    if (stretch.at === stretch.end && this.#stretches[0] === stretch) this.#stretches.shift()
    return most
  }

  #partAt(at: number, bytes: Uint8Array): BlockPart {
    const { pieceLength } = this.#geometry
    const index = Math.floor(at / pieceLength) as PieceIndex
    const within = at - index * pieceLength
    const offset = within % BLOCK_BYTES
    const begin = within - offset
    const length = this.#geometry.blockBytes(index, begin)
    return { type: 'block', index, begin, length, offset, bytes: bytes.subarray(0, length - offset) }
  }
}
