/**
 * How many packets one undertaking of ours may cost: a look-up asks nodes that it heard of from nodes, so who
 * lies could lead it on for ever, or send it to one victim again and again.
 */
import { LIMITS } from '../config.js'
import { addressReach } from '../core/address-reach.js'

interface Spent {
  count: number
  readonly byHost: Map<string, number>
}

export class QuestionBudget {
  /** By the object that all questions of one undertaking share. */
  readonly #spent = new WeakMap<object, Spent>()

  /** False when the question is not to be asked. On this machine or beside it many nodes may share an address. */
  take(undertaking: { readonly q: string }, host: string): boolean {
    const spent = this.#spent.get(undertaking) ?? { count: 0, byHost: new Map<string, number>() }
    this.#spent.set(undertaking, spent)
    const most = undertaking.q === 'announce_peer' ? LIMITS.dhtAnnounces : LIMITS.dhtQuestionsPerLookup
    const ofHost = spent.byHost.get(host) ?? 0
    const isCrowd = ofHost >= LIMITS.dhtQuestionsPerHost && addressReach(host) === 'internet'
    if (spent.count >= most || isCrowd) return false
    spent.count++
    spent.byHost.set(host, ofHost + 1)
    return true
  }
}
