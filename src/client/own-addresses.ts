/** Where we are ourselves, as far as we know: nobody is to dial himself, and a priority takes two (BEP 40). */
import { type AddressReach, addressReach } from '../core/address-reach.js'
import { ipBytes, ipText } from '../core/ip-bytes.js'
import type { PeerAddress } from '../core/peer-address.js'
import { readOwnHosts } from '../discovery/lan.js'
import { OwnHosts } from '../swarm/own-hosts.js'
import { peerPriority } from '../swarm/peer-priority.js'

interface LocalHost {
  readonly host: string
  readonly reach: AddressReach
}

export class OwnAddresses {
  readonly #port: () => number
  /** What peers say. */
  readonly #seen = new OwnHosts()
  /** Those for which peers agree on where we are, or once did: 4 or 16 bytes of an address. */
  readonly #knownFamilies = new Set<number>()
  readonly #readHosts: () => readonly string[]
  #hosts: readonly LocalHost[] | undefined

  /** `port`: where we accept connections. The system is asked once, when it matters. */
  constructor(port: () => number, readHosts: () => readonly string[] = readOwnHosts) {
    this.#port = port
    this.#readHosts = readHosts
  }

  /** All loopback addresses are ours: we listen on every one. */
  has({ host, port }: PeerAddress): boolean {
    if (port !== this.#port()) return false
    return addressReach(host) === 'machine' || this.#local.some((own) => own.host === host)
  }

  /** The peer at the host `from` says that it sees us at this address, of 4 or 16 bytes. */
  seenAs(address: Uint8Array, from: string): void {
    this.#seen.heard(from, address)
    const host = ipText(address)
    const family = ipBytes(host)!.length
    if (!this.#knownFamilies.has(family) && this.#seen.besides(host) !== undefined) {
      this.#knownFamilies.add(family)
    }
  }

  /** How many families of addresses have got priorities, since peers see us. */
  get knownFamilyCount(): number {
    return this.#knownFamilies.size
  }

  /** 0 when nobody knows what address of ours the peer sees. */
  priorityOf(peer: PeerAddress): number {
    const reach = addressReach(peer.host)
    const isIpv6 = peer.host.includes(':')
    const local = this.#local.find((own) => own.reach === reach && own.host.includes(':') === isIpv6)
    const host = local?.host ?? (reach === 'internet' ? this.#seen.besides(peer.host) : undefined)
    return host === undefined ? 0 : peerPriority({ host, port: this.#port() }, peer)
  }

  get #local(): readonly LocalHost[] {
    this.#hosts ??= this.#readHosts().map((host) => ({ host, reach: addressReach(host) }))
    return this.#hosts
  }
}
