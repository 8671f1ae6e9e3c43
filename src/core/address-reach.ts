/**
 * From where the address of a peer can be reached: cheap, because peers name each other by the thousand. What could be
 * meant to lead somewhere else, such as IPv6 that carries an IPv4 address, is nowhere. (Whom we may be sent to by a
 * URL is for `address-kind` to judge.)
 */
import { ipBytes } from './ip-bytes.js'
import { ipRange, isWithin } from './ip-range.js'

/** From anywhere, from a network that is not everybody's, or from the same machine only. */
export type AddressReach = 'internet' | 'network' | 'machine' | 'nowhere'

export function addressReach(host: string): AddressReach {
  const bytes = ipBytes(host)
  if (bytes === undefined) return 'nowhere'
  const known = RANGES.find(({ range }) => isWithin(bytes, range))
  if (known !== undefined) return known.reach
  // Of IPv6 only an eighth has been given to anybody (RFC 4291).
  return bytes.length === 4 || bytes[0]! >> 5 === 1 ? 'internet' : 'nowhere'
}

/** Nobody tells of what is nearer to himself: he cannot know who is there. */
export function mayTellOf(teller: string, told: string): boolean {
  const distance = DISTANCE[addressReach(told)]
  return distance !== undefined && distance <= (DISTANCE[addressReach(teller)] ?? 0)
}

const DISTANCE: Readonly<Partial<Record<AddressReach, number>>> = { internet: 0, network: 1, machine: 2 }

/** RFC 6890, without what has no hosts that are peers. */
const RANGES = (
  [
    ['127.0.0.0/8', 'machine'],
    ['10.0.0.0/8', 'network'],
    ['100.64.0.0/10', 'network'],
    ['169.254.0.0/16', 'network'],
    // Public by its looks, and answered by the host of a virtual machine.
    ['168.63.129.16/32', 'network'],
    ['172.16.0.0/12', 'network'],
    ['192.168.0.0/16', 'network'],
    ['0.0.0.0/8', 'nowhere'],
    ['192.0.0.0/24', 'nowhere'],
    ['192.0.2.0/24', 'nowhere'],
    ['192.88.99.0/24', 'nowhere'],
    ['198.18.0.0/15', 'nowhere'],
    ['198.51.100.0/24', 'nowhere'],
    ['203.0.113.0/24', 'nowhere'],
    ['224.0.0.0/3', 'nowhere'],
    ['::1/128', 'machine'],
    ['fc00::/7', 'network'],
    ['fe80::/10', 'network'],
    ['2001::/23', 'nowhere'],
    ['2001:db8::/32', 'nowhere'],
    ['2002::/16', 'nowhere'],
    ['3fff::/20', 'nowhere'],
  ] as const
).map(([cidr, reach]) => ({ range: ipRange(cidr), reach }))
