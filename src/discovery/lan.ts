/** The networks around this machine, as the system tells of them. */
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os'
import { addressReach } from '../core/address-reach.js'
import { ipBytes } from '../core/ip-bytes.js'
import { ipRange, isWithin } from '../core/ip-range.js'

/** A way to reach neighbours by multicast. */
export interface LanInterface {
  readonly family: 4 | 6
  /** As multicast calls name it: our address there (IPv4), or `::%` and its name (IPv6). */
  readonly name: string
}

export interface Lan {
  readonly interfaces: readonly LanInterface[]
  /** Such as 192.168.1.0/24. */
  readonly networks: readonly string[]
}

/** Without the loopback interface, unless there is nothing else. */
export function readLan(): Lan {
  const all = Object.entries(systemInterfaces()).flatMap(([name, addresses = []]) =>
    addresses.map((address) => ({ ...address, name })),
  )
  const outer = all.filter(({ internal }) => !internal)
  const used = outer.length > 0 ? outer : all
  return { interfaces: used.flatMap(toInterface), networks: used.flatMap(({ cidr }) => cidr ?? []) }
}

/** All addresses of this machine. */
export function readOwnHosts(): string[] {
  return Object.values(systemInterfaces()).flatMap((addresses) =>
    (addresses ?? []).map(({ address }) => address),
  )
}

/** True for an address on one of these networks, or a private one: there are networks behind networks. */
export function isNear(host: string, networks: readonly string[]): boolean {
  const reach = addressReach(host)
  if (reach === 'machine' || reach === 'network') return true
  const bytes = ipBytes(host)
  return bytes !== undefined && networks.some((network) => isWithin(bytes, ipRange(network)))
}

/** One for each IPv4 address. An interface has many of IPv6, but one that is link-local. */
function toInterface(info: NetworkInterfaceInfo & { readonly name: string }): LanInterface[] {
  if (info.family === 'IPv4') return [{ family: 4, name: info.address }]
  if (info.scopeid === 0) return []
  return [{ family: 6, name: `::%${process.platform === 'win32' ? info.scopeid : info.name}` }]
}

/** None where the system keeps them from us, as sandboxes of services do: then we know of no network. */
function systemInterfaces(): ReturnType<typeof networkInterfaces> {
  try {
    return networkInterfaces()
  } catch {
    return {}
  }
}
