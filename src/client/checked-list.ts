/**
 * Options that are lists. Types are not enough: a program in JavaScript may give one text in the place of a list, and
 * a peer as `host:port`.
 */
import { OptionError } from '../core/errors.js'
import { ipBytes } from '../core/ip-bytes.js'
import type { PeerAddress } from '../core/peer-address.js'

/** The list; empty when it is absent. Throws OptionError BAD_OPTION, naming the option. */
export function checkedList<T>(name: string, list: readonly T[] = []): readonly T[] {
  if (Array.isArray(list)) return list
  throw new OptionError('BAD_OPTION', `${name}: not a list`)
}

/** As {@link checkedList}, of peers. A name is no address: it would be dialled by nobody, and without a word. */
export function checkedPeers<T extends PeerAddress>(peers: readonly T[] | undefined): readonly T[] {
  for (const { host, port } of checkedList('peers', peers)) {
    const isPort = Number.isInteger(port) && port >= 1 && port <= 65_535
    if (typeof host === 'string' && ipBytes(host) !== undefined && isPort) continue
    throw new OptionError('BAD_OPTION', 'peers: each is a host, which is an IPv4 or IPv6 address, and a port')
  }
  return peers ?? []
}
