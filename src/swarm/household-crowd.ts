/** Whether one host on the internet has enough connections to us: nobody takes all places alone. Pure. */
import { addressReach } from '../core/address-reach.js'
import { householdOf } from '../core/peer-address.js'

/** As many as a tracker may name behind one public address: there are seldom more. */
const MOST_CONNECTIONS = 32

/** `present`: the hosts of all that are connected. On networks of our own one host may hold the whole swarm. */
export function isCrowded(host: string, present: Iterable<string>): boolean {
  if (addressReach(host) !== 'internet') return false
  const household = householdOf(host)
  let count = 0
  for (const other of present) if (householdOf(other) === household) count++
  return count >= MOST_CONNECTIONS
}
