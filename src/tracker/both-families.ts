/**
 * Announces over IPv4 and IPv6 at once, as far as a tracker has both (BEP 7, BEP 15): it sees us at the address that
 * an announce comes from, and tells peers of one family only of those.
 */
import type { Family } from '../net/look-up.js'
import type { Announce } from './announce.js'
import { mostTelling } from './most-telling.js'

/** The first answer counts; what the other brings comes `later`. Rejects when both have failed. */
export function overBothFamilies(announceOver: (family: Family) => Announce): Announce {
  const announces = [announceOver(4), announceOver(6)]
  return async (...told) => {
    const announcing = announces.map((announce) => announce(...told))
    try {
      const first = await Promise.any(announcing)
      const all = Promise.allSettled(announcing)
      const later = all.then((outcomes) =>
        outcomes.flatMap((outcome) =>
          outcome.status === 'fulfilled' && outcome.value !== first ? outcome.value.peers : [],
        ),
      )
      return { ...first, later }
    } catch (error) {
      throw error instanceof AggregateError ? mostTelling(error.errors) : error
    }
  }
}
