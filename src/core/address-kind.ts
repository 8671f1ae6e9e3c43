/**
 * What kind of place an IP address is. Only `public` is somewhere on the internet; everything else is this
 * machine, the network around it, or nowhere. Pure.
 *
 * Forms of IPv6 that carry an IPv4 address (mapped, compatible, translated, NAT64, 6to4, Teredo) are of the
 * kind of what they carry, because that is where a gateway would deliver.
 */
import ipaddr from 'ipaddr.js'

/**
 * `special`: no address of a host, such as multicast, documentation and what nobody has been given. The
 * metadata services of clouds are link-local.
 */
export type AddressKind = 'public' | 'loopback' | 'link-local' | 'private' | 'special'

/** Of an address as sockets and URLs write it, without brackets. What is no such text is `special`. */
export function addressKind(address: string): AddressKind {
  // Names of interfaces may hold what the parser does not take.
  const text = address.split('%', 1)[0]!
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return kindOfIpv4(ipaddr.IPv4.parse(text))
  return ipaddr.IPv6.isValid(text) ? kindOfIpv6(ipaddr.IPv6.parse(text)) : 'special'
}

function kindOfIpv4(address: ipaddr.IPv4): AddressKind {
  return address.toString() === AZURE_METADATA ? 'link-local' : (KINDS[address.range()] ?? 'special')
}

/** Public by its looks, and answered by the host of each virtual machine. */
const AZURE_METADATA = '168.63.129.16'

function kindOfIpv6(address: ipaddr.IPv6): AddressKind {
  const carried = carriedIpv4(address).map(kindOfIpv4)
  const isPlain = carried.length === 0 || address.range() === 'loopback'
  if (isPlain) return KINDS[address.range()] ?? 'special'
  return carried.find((kind) => kind !== 'public') ?? 'public'
}

/** By the name of the range; those that are not here are special. */
const KINDS: Readonly<Record<string, AddressKind>> = {
  unicast: 'public',
  as112: 'public',
  as112v6: 'public',
  amt: 'public',
  loopback: 'loopback',
  linkLocal: 'link-local',
  private: 'private',
  carrierGradeNat: 'private',
  uniqueLocal: 'private',
  deprecatedSiteLocal: 'private',
}

const COMPATIBLE = ipaddr.IPv6.parseCIDR('::/96')
const NAT64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96')

/** Empty for an address that carries none. */
function carriedIpv4(address: ipaddr.IPv6): ipaddr.IPv4[] {
  const bytes = address.toByteArray()
  const at = (offset: number, mask = 0) =>
    new ipaddr.IPv4(bytes.slice(offset, offset + 4).map((byte) => byte ^ mask))
  switch (address.range()) {
    case 'ipv4Mapped':
    case 'rfc6145':
      return [at(12)]
    case '6to4':
      return [at(2)]
    case 'teredo':
      return [at(4), at(12, 0xff)]
    default:
      return address.match(COMPATIBLE) || address.match(NAT64) ? [at(12)] : []
  }
}
