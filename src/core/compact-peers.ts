/**
 * The compact form of peer lists: 4 bytes of IPv4 or 16 of IPv6 address, then 2 of port, all big-endian
 * (BEP 23, BEP 7; also used by PEX and the DHT).
 */
import { ipBytes } from './ip-bytes.js'
import type { PeerAddress } from './peer-address.js'

export type AddressBytes = 4 | 16

/** At most `maxCount` addresses. Those of port 0 are skipped, and so is an incomplete one at the end. */
export function decodeCompactPeers(bytes: Uint8Array, width: AddressBytes, maxCount: number): PeerAddress[] {
  const peers: PeerAddress[] = []
  for (let at = 0; at + width + 2 <= bytes.length && peers.length < maxCount; at += width + 2) {
    const port = (bytes[at + width]! << 8) | bytes[at + width + 1]!
    if (port === 0) continue
    const address = bytes.subarray(at, at + width)
    peers.push({ host: width === 4 ? address.join('.') : ipv6Text(address), port })
  }
  return peers
}

/** Those of the family with so many bytes, and no others. */
export function encodeCompactPeers(addresses: readonly PeerAddress[], width: AddressBytes): Buffer {
  return Buffer.concat(
    addresses.flatMap(({ host, port }) => {
      const ip = ipBytes(host)
      return ip?.length === width ? [ip, Buffer.of(port >> 8, port & 0xff)] : []
    }),
  )
}

function ipv6Text(bytes: Uint8Array): string {
  const groups: string[] = []
  for (let at = 0; at < 16; at += 2) groups.push(((bytes[at]! << 8) | bytes[at + 1]!).toString(16))
  return canonicalIpv6(groups.join(':'))
}

/**
 * The one text for each IPv6 address (RFC 5952), so that a peer is the same whoever names it. IPv4 in IPv6's
 * clothes comes out as the IPv4 address it is. The argument must be a valid address without a zone.
 */
export function canonicalIpv6(address: string): string {
  const text = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(text)
  if (mapped === null) return text
  const [high, low] = [Number.parseInt(mapped[1]!, 16), Number.parseInt(mapped[2]!, 16)]
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.')
}
