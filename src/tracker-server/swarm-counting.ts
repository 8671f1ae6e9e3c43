/** How many are in which swarm, wherever the swarm is kept: in this process, or by another worker. */
import type { Eventual } from './eventual.js'
import type { SwarmCounts, SwarmRegistry } from './swarm-registry.js'

/** Rejects when another worker does not answer. */
export interface SwarmCounting {
  /** In the order of the info hashes; all three are 0 for a swarm that is not there. */
  of(infoHashes: readonly Uint8Array[]): Eventual<readonly SwarmCounts[]>
  /** The info hashes of all swarms; undefined when there are more of them than so many. */
  all(maxCount: number): Eventual<readonly Uint8Array[] | undefined>
}

/** Of the swarms in this process. */
export class RegistryCounting implements SwarmCounting {
  readonly #registry: SwarmRegistry

  constructor(registry: SwarmRegistry) {
    this.#registry = registry
  }

  of(infoHashes: readonly Uint8Array[]): SwarmCounts[] {
    return infoHashes.map((infoHash) => this.#registry.counts(this.#registry.swarms.find(infoHash)))
  }

  all(maxCount: number): Uint8Array[] | undefined {
    const { swarms } = this.#registry
    if (swarms.count > maxCount) return undefined
    const slots = Array.from({ length: swarms.slotCount }, (_, slot) => slot)
    return slots.filter((slot) => swarms.isUsed(slot)).map((slot) => swarms.infoHash(slot))
  }
}
