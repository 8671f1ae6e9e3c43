/**
 * How many addresses there may be of one source, of one network, and from one teller, so that nobody fills the book
 * alone: neither with what is not there, nor with a victim that everybody is to dial.
 */
import { addressReach } from '../core/address-reach.js'
import { ipBytes } from '../core/ip-bytes.js'
import type { PeerAddress, PeerSource } from '../core/peer-address.js'
import { PEER_SOURCES } from './peer-sources.js'

/** Some that share something, and how many of them there may be. */
export interface Quota {
  readonly key: string
  readonly mostCount: number
}

export interface Naming {
  readonly address: PeerAddress
  readonly source: PeerSource
  /** The host of the peer that named it, if one did. */
  readonly teller: string | undefined
}

/**
 * Behind one public address there are seldom more; a tracker sees where each comes from, but need not be
 * honest, and who comes to us can name a port each time. In IPv6 a host is a network of 64 bits.
 */
const MOST_PER_HOST = { hearsay: 4, others: 32 }
/** A network of 24 bits, or of 48 in IPv6. */
const MOST_PER_NETWORK = 32
const MOST_PER_TELLER = 150

/** All that apply, in a book of so many. */
export function quotasOf({ address, source, teller }: Naming, bookCount: number): readonly Quota[] {
  const { share, trust } = PEER_SOURCES[source]
  const quotas: Quota[] = [{ key: source, mostCount: Math.max(1, Math.floor(bookCount * share)) }]
  if (teller !== undefined) quotas.push({ key: `teller ${teller}`, mostCount: MOST_PER_TELLER })
  const isHearsay = trust === 'hearsay'
  // One machine of ours, or one network, may hold the whole swarm.
  const isCrowd = source !== 'user' && addressReach(address.host) === 'internet'
  const bytes = isCrowd ? ipBytes(address.host) : undefined
  if (bytes === undefined) return quotas
  const [hostBytes, networkBytes] = bytes.length === 4 ? [4, 3] : [8, 6]
  const mostCount = MOST_PER_HOST[isHearsay ? 'hearsay' : 'others']
  quotas.push({ key: `host ${bytes.subarray(0, hostBytes).join('.')}`, mostCount })
  if (!isHearsay) return quotas
  quotas.push({ key: `network ${bytes.subarray(0, networkBytes).join('.')}`, mostCount: MOST_PER_NETWORK })
  return quotas
}

export class AddressQuotas {
  readonly #counts = new Map<string, number>()

  isFull({ key, mostCount }: Quota): boolean {
    return (this.#counts.get(key) ?? 0) >= mostCount
  }

  enter(quotas: readonly Quota[]): void {
    for (const { key } of quotas) this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1)
  }

  leave(quotas: readonly Quota[]): void {
    for (const { key } of quotas) {
      const count = (this.#counts.get(key) ?? 0) - 1
      if (count > 0) this.#counts.set(key, count)
      else this.#counts.delete(key)
    }
  }
}
