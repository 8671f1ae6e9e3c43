/** Turns peers that a link names by host into addresses: one for each that the name has. */
import { isIP } from 'node:net'
import { canonicalIpv6 } from '../core/compact-peers.js'
import { loadAddressKind } from '../core/load-address-kind.js'
import type { PeerAddress } from '../core/peer-address.js'
import { mayBePrivate, type PrivateReach } from '../core/private-reach.js'
import type { NodeAddress } from '../metainfo/metainfo.js'
import { lookUp } from '../net/look-up.js'

/** More addresses than any honest name has. */
const MOST_PER_NAME = 8
/** For all names of a link: one that names a hundred which nobody answers for is not waited for. */
const LOOK_UP_MS = 10_000

/** What has no address, or none that it may have, or takes too long, is left out. Never rejects. */
export async function lookUpPeers(
  nodes: readonly NodeAddress[],
  reach: PrivateReach,
): Promise<PeerAddress[]> {
  const all: PeerAddress[] = []
  for await (const found of eachLookedUp(nodes, reach)) all.push(...found)
  return all
}

/** As they are found: addresses at once, then names one by one, so that others who look names up are not held up. */
export async function* eachLookedUp(
  nodes: readonly NodeAddress[],
  reach: PrivateReach,
): AsyncGenerator<readonly PeerAddress[]> {
  const addresses = nodes.flatMap(toAddress)
  yield reach === 'never' ? await publicOnes(addresses) : addresses
  const deadline = new Deadline()
  try {
    for (const node of nodes) {
      if (deadline.isOver) return
      if (isIP(node.host) === 0) yield await Promise.race([lookUpPeer(node, reach), deadline.reached])
    }
  } finally {
    deadline.cancel()
  }
}

function toAddress({ host, port }: NodeAddress): PeerAddress[] {
  const family = isIP(host)
  return family === 0 ? [] : [{ host: family === 6 ? canonicalIpv6(host) : host, port }]
}

async function publicOnes(addresses: readonly PeerAddress[]): Promise<PeerAddress[]> {
  const { addressKind } = await loadAddressKind()
  return addresses.filter(({ host }) => addressKind(host) === 'public')
}

/** Whoever wrote a name says what it stands for, and when. */
async function lookUpPeer({ host, port }: NodeAddress, reach: PrivateReach): Promise<PeerAddress[]> {
  const leave = { mayBePrivate: await mayBePrivate(host, reach) }
  const answers = await lookUp(host, leave).catch(() => [])
  return answers.slice(0, MOST_PER_NAME).map(({ address }) => ({ host: address, port }))
}

/** Finds nobody, when time is over. */
class Deadline {
  isOver = false
  #timer: NodeJS.Timeout | undefined
  readonly reached = new Promise<PeerAddress[]>((resolve) => {
    this.#timer = setTimeout(() => {
      this.isOver = true
      resolve([])
    }, LOOK_UP_MS)
  })

  cancel(): void {
    clearTimeout(this.#timer)
  }
}
