/**
 * The order in which trackers are tried (BEP 12): tier by tier, shuffled once inside each tier, and one that
 * answered moves to the front of its tier. Pure.
 */
import type { Random } from '../core/clock.js'

export class TrackerTiers {
  readonly #tiers: string[][]

  /** A tracker named twice counts where it comes first; those beyond MOST_TRACKERS are left out. */
  constructor(tiers: readonly (readonly string[])[], random: Random) {
    const seen = new Set<string>()
    this.#tiers = tiers.map((tier) =>
      shuffle(
        tier.filter((url) => isNew(url, seen)),
        random,
      ),
    )
  }

  /** Every tracker once, in the order to try them. */
  get inOrder(): string[] {
    return this.#tiers.flat()
  }

  /** Moves the tracker to the front of its tier; the other tiers stay as they are. */
  promote(url: string): void {
    const tier = this.#tiers.find((members) => members.includes(url))
    if (tier === undefined) return
    tier.splice(tier.indexOf(url), 1)
    tier.unshift(url)
  }
}

/** Honest torrents name a few dozen; a hostile one must not make us contact thousands of hosts. */
export const MOST_TRACKERS = 100

function isNew(url: string, seen: Set<string>): boolean {
  if (seen.has(url) || seen.size >= MOST_TRACKERS) return false
  seen.add(url)
  return true
}

/** Fisher-Yates, in place. */
function shuffle(urls: string[], random: Random): string[] {
  for (let last = urls.length - 1; last > 0; last--) {
    const chosen = Math.floor(random() * (last + 1))
    const url = urls[last]!
    urls[last] = urls[chosen]!
    urls[chosen] = url
  }
  return urls
}
