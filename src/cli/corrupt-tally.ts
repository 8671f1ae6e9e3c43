/** Corrupt pieces, told of together: one peer can bring thousands in a moment, which is one thing to say. */
import type { ShownTorrent } from './report.js'
import { toPlainText } from './terminal-text.js'

export class CorruptTally {
  /** Since the last telling. */
  readonly #tallies = new Map<ShownTorrent, { readonly first: number; count: number }>()

  note(torrent: ShownTorrent, piece: number): void {
    const tally = this.#tallies.get(torrent)
    if (tally === undefined) this.#tallies.set(torrent, { first: piece, count: 1 })
    else tally.count++
  }

  /** A sentence for each torrent that there is something to tell of, once. */
  take(): string[] {
    const sentences = [...this.#tallies].map(([{ name }, { first, count }]) => {
      const what = count === 1 ? `piece ${first} came corrupt and is` : `${count} pieces came corrupt and are`
      return toPlainText(`${name}: ${what} fetched again`)
    })
    this.#tallies.clear()
    return sentences
  }
}
