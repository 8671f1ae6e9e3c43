/**
 * Whether one host on the internet has enough connections to us: nobody takes all places alone. Pure. They are counted
 * as they come and go, since whoever is refused may come again at once.
 */
import { addressReach } from '../core/address-reach.js'
import { householdOf } from '../core/peer-address.js'

/** As many as a tracker may name behind one public address: there are seldom more. */
const MOST_CONNECTIONS = 32

export class HouseholdCrowd {
  /** Connections of each household that has any. */
  readonly #counts = new Map<string, number>()

  /** Another connection to the host would be too much. On networks of our own one host may hold the whole swarm. */
  isComplete(host: string): boolean {
    const count = this.#counts.get(householdOf(host)) ?? 0
    return count >= MOST_CONNECTIONS && addressReach(host) === 'internet'
  }

  enter(host: string): void {
    const household = householdOf(host)
    this.#counts.set(household, (this.#counts.get(household) ?? 0) + 1)
  }

  leave(host: string): void {
    const household = householdOf(host)
    const count = (this.#counts.get(household) ?? 0) - 1
    if (count > 0) this.#counts.set(household, count)
    else this.#counts.delete(household)
  }
}
