/** Which addresses may be those of peers at all. */
import { LIMITS } from '../config.js'
import { addressReach } from '../core/address-reach.js'
import { canonicalIpv6 } from '../core/compact-peers.js'
import { ipBytes } from '../core/ip-bytes.js'
import type { PeerAddress, PeerSource } from '../core/peer-address.js'
import { PEER_SOURCES } from './peer-sources.js'

/**
 * The address in its one form; undefined when nobody can be there: no port, no address, this host, everybody, a
 * group (RFC 1122, RFC 4291), a link that is not named, and from hearsay whatever is nobody's. Nor are we sent by
 * strangers to where the services of others are.
 */
export function plausibleAddress({ host, port }: PeerAddress, source: PeerSource): PeerAddress | undefined {
  if (!Number.isInteger(port) || port < 1 || port > 65_535 || isOthersService(port, source)) return undefined
  const bytes = ipBytes(host)
  if (bytes === undefined) return undefined
  const hasZone = host.includes('%')
  if (bytes.length === 4 ? isNobody4(bytes) : isNobody6(bytes, hasZone)) return undefined
  if (PEER_SOURCES[source].trust === 'hearsay' && addressReach(host) === 'nowhere') return undefined
  return { host: host.includes(':') && !hasZone ? canonicalIpv6(host) : host, port }
}

/**
 * Those who hide from filters on the ports of the web are believed when a tracker names them, which they had to ask
 * for it.
 */
function isOthersService(port: number, source: PeerSource): boolean {
  if (port >= LIMITS.firstFreePort) return false
  if (source === 'tracker') return !WEB_PORTS.has(port)
  return PEER_SOURCES[source].trust === 'hearsay'
}

const WEB_PORTS: ReadonlySet<number> = new Set([80, 443])

function isNobody4([first]: Uint8Array): boolean {
  return first === 0 || first! >= 224
}

function isNobody6(bytes: Uint8Array, hasZone: boolean): boolean {
  const isLinkLocal = bytes[0] === 0xfe && bytes[1]! >> 6 === 2
  return bytes[0] === 0xff || (isLinkLocal && !hasZone) || bytes.every((byte) => byte === 0)
}
