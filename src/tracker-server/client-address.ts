/**
 * Which address an announcer is given out under. That is the one it came from: a header or a parameter can be
 * written by anybody, so each is believed only where whoever runs the tracker said so.
 */
import { BlockList, isIP } from 'node:net'
import type { AddressBytes } from '../core/compact-peers.js'
import { writeIp } from '../core/ip-bytes.js'

export interface AddressTrust {
  /** Proxies whose `X-Forwarded-For` counts. */
  readonly proxies: BlockList | undefined
  /** Announcers on private networks may name their own address. */
  readonly privateMayName: boolean
}

/** Throws RangeError for what is neither an address nor a CIDR range. */
export function rangesOf(texts: readonly string[]): BlockList | undefined {
  if (texts.length === 0) return undefined
  const ranges = new BlockList()
  for (const text of texts) addRange(ranges, text)
  return ranges
}

/**
 * Who is behind a connection: the last in `X-Forwarded-For` that is no trusted proxy, if the sender is one.
 */
export function behindProxies(remote: string, forwardedFor: string | undefined, proxies: BlockList): string {
  let client = remote
  const hops = (forwardedFor ?? '').split(',')
  while (hops.length > 0 && isIn(proxies, client)) {
    const hop = hops.pop()!.trim()
    if (isIP(hop) === 0) break
    client = hop
  }
  return client
}

/** Loopback, link-local and the ranges that nobody routes (RFC 1918, RFC 6598, RFC 4193). */
export function isPrivate(address: Uint8Array, addressBytes: AddressBytes): boolean {
  const [a, b] = [address[0]!, address[1]!]
  if (addressBytes === 4) {
    if (a === 10 || a === 127 || (a === 192 && b === 168) || (a === 169 && b === 254)) return true
    return (a === 172 && b >> 4 === 1) || (a === 100 && b >> 6 === 1)
  }
  if ((a & 0xfe) === 0xfc || (a === 0xfe && b >> 6 === 2)) return true
  return address[15] === 1 && address.subarray(0, 15).every((byte) => byte === 0)
}

/** Replaces the address by the one that the announcer names, when that is one. */
export function nameAddress(named: string, address: Uint8Array): AddressBytes | undefined {
  if (isIP(named) === 0) return undefined
  return writeIp(named, address)
}

function addRange(ranges: BlockList, text: string): void {
  const [address, prefix, ...rest] = text.split('/') as [string, string?, ...string[]]
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
  const bits = family === 'ipv6' ? 128 : 32
  const isPrefix = prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits)
  if (isIP(address) === 0 || !isPrefix || rest.length > 0) {
    throw new RangeError(`${text} is not an address or a range such as 10.0.0.0/8`)
  }
  ranges.addSubnet(address, Number(prefix ?? bits), family)
}

function isIn(ranges: BlockList, address: string): boolean {
  return ranges.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}
