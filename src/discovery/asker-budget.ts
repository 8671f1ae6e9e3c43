/**
 * How many questions a DHT node hears: so many of one address, so many of all. Whoever asks more is not
 * answered, which costs us next to nothing and gives nobody an amplifier.
 */
import { LIMITS } from '../config.js'
import { addressReach } from '../core/address-reach.js'
import { TokenBucket } from '../core/token-bucket.js'

/** More than ask at a time; senders can be made up, so the list of them has an end. */
const MOST_ASKERS = 1_000

export class AskerBudget {
  readonly #all: TokenBucket
  /** By address, who began to ask longest ago first. */
  readonly #each = new Map<string, TokenBucket>()

  constructor(nowMs: number) {
    this.#all = bucket(LIMITS.dhtQuestionsPerSecond, nowMs)
  }

  /** False when the question is to be dropped. */
  admit(host: string, nowMs: number): boolean {
    const own = this.#each.get(host) ?? this.#meet(host, nowMs)
    if (own.available(nowMs) < 1 || this.#all.available(nowMs) < 1) return false
    own.take(1)
    this.#all.take(1)
    return true
  }

  #meet(host: string, nowMs: number): TokenBucket {
    const reach = addressReach(host)
    const isNear = reach === 'network' || reach === 'machine'
    const perSecond = isNear ? LIMITS.dhtQuestionsPerSecondOfNeighbour : LIMITS.dhtQuestionsPerSecondOfOne
    const own = bucket(perSecond, nowMs)
    this.#each.set(host, own)
    const [first] = this.#each.keys()
    if (this.#each.size > MOST_ASKERS) this.#each.delete(first!)
    return own
  }
}

/** Four seconds' worth may come at once. */
function bucket(perSecond: number, nowMs: number): TokenBucket {
  return new TokenBucket(perSecond, 4 * perSecond, nowMs)
}
