/**
 * Announces over IPv4 and IPv6 at once, as far as a tracker has both (BEP 7, BEP 15): it sees us at the address that
 * an announce comes from, and tells peers of one family only of those.
 */
import type { Family } from '../net/look-up.js'
import type { Announce } from './announce.js'
import { mostTelling } from './most-telling.js'

/**
 * The first answer counts; what the other brings comes `later`. Rejects when both have failed. Where a
 * tracker was never reached it need not hear that we leave, and nobody waits for that.
 */
export function overBothFamilies(announceOver: (family: Family) => Announce): Announce {
  const legs = FAMILIES.map((family) => ({ announce: announceOver(family), reached: new Set<string>() }))
  return async (tracker, request, signal, onSent) => {
    const knowing = legs.filter(({ reached }) => reached.has(tracker.href))
    const told = request.event === 'stopped' && knowing.length > 0 ? knowing : legs
    const announcing = told.map(({ announce, reached }) =>
      announce(tracker, request, signal, () => {
        reached.add(tracker.href)
        onSent?.()
      }),
    )
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

const FAMILIES = [4, 6] as const
