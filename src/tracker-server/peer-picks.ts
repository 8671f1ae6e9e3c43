/**
 * Chooses which peers an announcer hears of: each of the others with the same chance, no one twice, in time
 * that depends on how many are wanted and not on how many there are. The list is cut into as many equal
 * stretches as peers are wanted, and each stretch gives one.
 */
export class PeerPicks {
  /** Places in the swarm's list. */
  readonly places: Int32Array
  count = 0
  #dice = 1

  constructor(maxCount: number) {
    this.places = new Int32Array(maxCount)
  }

  /** Forgets what was picked. The seed is any number in [0, 1). */
  begin(seed: number): void {
    this.count = 0
    this.#dice = Math.floor(seed * 2 ** 32) | 1
  }

  /** Adds up to `wanted` places of `from..to`, never that of `except`. */
  pick(from: number, to: number, range: { readonly except: number; readonly wanted: number }): void {
    const isInside = range.except >= from && range.except < to
    const others = to - from - (isInside ? 1 : 0)
    const count = Math.min(range.wanted, others, this.places.length - this.count)
    const gap = isInside ? range.except : to
    const stretch = others / count
    let start = 0
    for (let pick = 1; pick <= count; pick++) {
      const end = pick === count ? others : Math.floor(pick * stretch)
      const place = from + start + this.#below(end - start)
      this.places[this.count++] = place < gap ? place : place + 1
      start = end
    }
  }

  /** Marsaglia's xorshift: chance enough to spread peers, at a nanosecond a throw. */
  #below(end: number): number {
    let dice = this.#dice
    dice ^= dice << 13
    dice ^= dice >>> 17
    dice ^= dice << 5
    this.#dice = dice
    return Math.floor(((dice >>> 0) / 2 ** 32) * end)
  }
}
