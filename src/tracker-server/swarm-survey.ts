/** Looks at every swarm once: how many peers there are in all, and which swarms are the largest. */
import type { SwarmCounts, SwarmRegistry } from './swarm-registry.js'

export interface SurveyedSwarm extends SwarmCounts {
  /** In hex. */
  readonly infoHash: string
}

export interface SwarmSurvey {
  readonly seedCount: number
  readonly leecherCount: number
  /** The largest, largest first. */
  readonly swarms: readonly SurveyedSwarm[]
}

/** A millisecond for a hundred thousand swarms. */
export function surveySwarms(registry: SwarmRegistry, maxSwarms: number): SwarmSurvey {
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
    return { infoHash: Buffer.from(swarms.infoHash(slot)).toString('hex'), ...registry.counts(slot) }
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
