/**
 * The info hashes that callers may ask for, by the mark that stands for one in an encrypted handshake: a caller
 * costs one look-up, however many torrents there are.
 */
import { infoHashMark } from '../wire/mse-keys.js'

interface Entry {
  readonly infoHash: Uint8Array
  /** A torrent, and a search for its metadata, may overlap. */
  useCount: number
}

export class InfoHashIndex {
  readonly #byMark = new Map<string, Entry>()

  /** `remove` must follow as often. */
  add(infoHash: Uint8Array): void {
    const mark = keyOf(infoHashMark(infoHash))
    const entry = this.#byMark.get(mark)
    if (entry === undefined) this.#byMark.set(mark, { infoHash, useCount: 1 })
    else entry.useCount++
  }

  remove(infoHash: Uint8Array): void {
    const mark = keyOf(infoHashMark(infoHash))
    const entry = this.#byMark.get(mark)
    if (entry !== undefined && --entry.useCount === 0) this.#byMark.delete(mark)
  }

  find(mark: Buffer): Uint8Array | undefined {
    return this.#byMark.get(keyOf(mark))?.infoHash
  }
}

function keyOf(mark: Buffer): string {
  return mark.toString('latin1')
}
