/**
 * What peers are told that we have: verified pieces, but not those at the edge of a selection, whose other
 * bytes are let go once the selected files are complete. Whoever was promised such a piece would wait in vain.
 */
import { Bitfield } from '../core/bitfield.js'
import type { Geometry, PieceIndex } from '../core/geometry.js'

export interface OfferParts {
  readonly geometry: Geometry
  /** Verified pieces, now and later. */
  readonly have: Bitfield
  /** Numbers of the selected files. */
  readonly selected: Iterable<number>
  /** The piece can be read again for as long as the torrent lives. */
  readonly canRead: (index: PieceIndex) => boolean
}

export class OfferedPieces {
  readonly #have: Bitfield
  readonly #unreadable: ReadonlySet<number>

  constructor({ geometry, have, selected, canRead }: OfferParts) {
    this.#have = have
    this.#unreadable = new Set(
      [...edgesOf(geometry, selected)].filter((index) => !canRead(index as PieceIndex)),
    )
  }

  includes(index: number): boolean {
    return this.#have.has(index) && !this.#unreadable.has(index)
  }

  /** All of them, now. */
  toField(): Bitfield {
    const field = new Bitfield(this.#have.size)
    field.assign(this.#have)
    for (const index of this.#unreadable) field.clear(index)
    return field
  }
}

/** Only the first and the last piece of a file hold bytes of others. */
function edgesOf(geometry: Geometry, selected: Iterable<number>): Set<number> {
  const edges = new Set<number>()
  for (const fileIndex of selected) {
    const { first, end } = geometry.piecesOfFile(fileIndex)
    if (end > first) edges.add(first).add(end - 1)
  }
  return edges
}
