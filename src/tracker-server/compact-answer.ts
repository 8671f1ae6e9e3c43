/**
 * Copies the chosen peers of a swarm into an answer: compact addresses, one after another (BEP 23, BEP 7).
 */
import type { PeerPicks } from './peer-picks.js'
import type { PeerTable } from './peer-table.js'

/**
 * Writes pairs of bytes from place `at` on, and returns where it ended. The picks must be of this swarm as
 * it is now, and the target have room for them.
 */
export function writeCompactPeers(
  peers: PeerTable,
  swarm: number,
  picks: PeerPicks,
  target: { readonly pairs: Uint16Array; readonly at: number },
): number {
  const { pairs } = target
  let { at } = target
  if (picks.count === 0) return at
  const { addresses, entryPairs } = peers.lists.pool
  const start = peers.lists.start(swarm)
  for (let pick = 0; pick < picks.count; pick++) {
    const from = (start + picks.places[pick]!) * entryPairs
    for (let pair = 0; pair < entryPairs; pair++) pairs[at++] = addresses[from + pair]!
  }
  return at
}
