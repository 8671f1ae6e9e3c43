/** What the tracker says about itself: the same numbers for people, programs and Prometheus. */
import type { SwarmRegistry } from './swarm-registry.js'

export interface TrackerStats {
  readonly uptimeSeconds: number
  readonly swarmCount: number
  readonly seedCount: number
  readonly leecherCount: number
  readonly ipv4PeerCount: number
  readonly ipv6PeerCount: number
  /** Reserved by the tables of swarms and peers. */
  readonly tableBytes: number
  readonly http: { readonly announces: number; readonly scrapes: number; readonly errors: number }
  readonly udp: {
    readonly connects: number
    readonly announces: number
    readonly scrapes: number
    readonly errors: number
    readonly ignored: number
  }
  readonly catalogueCount: number
  /** Announces of both kinds per second, oldest first, one for each `rateStepSeconds`. */
  readonly announceRates: readonly number[]
  readonly rateStepSeconds: number
  /** The largest swarms. */
  readonly swarms: readonly SwarmStats[]
}

export interface SwarmStats {
  readonly infoHash: string
  /** From the catalogue. */
  readonly name: string | undefined
  readonly seeds: number
  readonly leechers: number
  readonly completed: number
}

export interface SwarmSurvey {
  readonly seedCount: number
  readonly leecherCount: number
  readonly swarms: readonly SwarmStats[]
}

/** Looks at every swarm once: a millisecond for a hundred thousand. */
export function surveySwarms(
  registry: SwarmRegistry,
  maxSwarms: number,
  nameOf: (infoHashHex: string) => string | undefined,
): SwarmSurvey {
  const { swarms } = registry
  const largest = new Largest(maxSwarms)
  let [seedCount, memberCount] = [0, 0]
  for (let slot = 0; slot < swarms.slotCount; slot++) {
    if (!swarms.isUsed(slot)) continue
    const members = registry.memberCount(slot)
    seedCount += registry.seedCount(slot)
    memberCount += members
    largest.offer(slot, members)
  }
  const described = largest.slots().map((slot) => {
    const infoHash = Buffer.from(swarms.infoHash(slot)).toString('hex')
    return { infoHash, name: nameOf(infoHash), ...registry.counts(slot) }
  })
  return { seedCount, leecherCount: memberCount - seedCount, swarms: described }
}

/** The slots with the largest sizes, without sorting all of them. */
class Largest {
  readonly #maxCount: number
  #kept: { readonly slot: number; readonly size: number }[] = []
  #smallest = -1

  constructor(maxCount: number) {
    this.#maxCount = maxCount
  }

  offer(slot: number, size: number): void {
    if (size <= this.#smallest) return
    this.#kept.push({ slot, size })
    // Twice as many are collected before they are sorted, so that each costs little.
    if (this.#kept.length >= this.#maxCount * 2) this.#trim()
  }

  slots(): number[] {
    this.#trim()
    return this.#kept.map(({ slot }) => slot)
  }

  #trim(): void {
    this.#kept = this.#kept.sort((a, b) => b.size - a.size).slice(0, this.#maxCount)
    if (this.#kept.length === this.#maxCount) this.#smallest = this.#kept.at(-1)!.size
  }
}
