/**
 * Chooses which peers an announcer hears of: each of the others with the same chance, no one twice, in time
 * that depends on how many are wanted and not on how many there are. The list is cut into as many equal
 * stretches as peers are wanted, and each stretch gives the one at the same, random depth.
 */
export class PeerPicks {
  /** Places in the swarm's list. */
  readonly places: Int32Array
  count = 0
  /** How deep in its stretch each pick lies, from 0 to 1. */
  #depth = 0

  constructor(maxCount: number) {
    this.places = new Int32Array(maxCount)
  }

  /** Forgets what was picked. The seed is any number in [0, 1). */
  begin(seed: number): void {
    this.count = 0
    // So coarse that no sum below is rounded up into the next stretch.
    this.#depth = Math.floor(seed * DEPTHS) / DEPTHS
  }

  /** Adds up to `wanted` places of `from..to`, never that of `except`. */
  pick(from: number, to: number, range: { readonly except: number; readonly wanted: number }): void {
    const isInside = range.except >= from && range.except < to
    const others = to - from - (isInside ? 1 : 0)
    const count = Math.min(range.wanted, others, this.places.length - this.count)
    const gap = isInside ? range.except : to
    const stretch = others / count
    const first = from + this.#depth * stretch
    const { places, count: start } = this
    for (let pick = 0; pick < count; pick++) {
      const place = Math.floor(first + pick * stretch)
      places[start + pick] = place < gap ? place : place + 1
    }
    this.count += count
  }
}

const DEPTHS = 2 ** 20
