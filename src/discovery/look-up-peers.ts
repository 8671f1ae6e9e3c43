/** Turns peers that a link names by host into addresses: one for each that the name has. */
import { isIP } from 'node:net'
import { canonicalIpv6 } from '../core/compact-peers.js'
import type { PeerAddress } from '../core/peer-address.js'
import type { NodeAddress } from '../metainfo/metainfo.js'
import { lookUp } from '../net/look-up.js'

/** More addresses than any honest name has. */
const MOST_PER_NAME = 8
/** For all names of a link: one that names a hundred which nobody answers for is not waited for. */
const LOOK_UP_MS = 10_000

/** Names that have no address, and those that take too long, are left out. Never rejects. */
export async function lookUpPeers(nodes: readonly NodeAddress[]): Promise<PeerAddress[]> {
  const all: PeerAddress[] = []
  for await (const found of eachLookedUp(nodes)) all.push(...found)
  return all
}

/** As they are found: addresses at once, then names one by one, so that others who look names up are not held up. */
export async function* eachLookedUp(nodes: readonly NodeAddress[]): AsyncGenerator<readonly PeerAddress[]> {
  yield nodes.flatMap(toAddress)
  const deadline = new Deadline()
  try {
    for (const node of nodes) {
      if (deadline.isOver) return
      if (isIP(node.host) === 0) yield await Promise.race([lookUpPeer(node), deadline.reached])
    }
  } finally {
    deadline.cancel()
  }
}

function toAddress({ host, port }: NodeAddress): PeerAddress[] {
  const family = isIP(host)
  return family === 0 ? [] : [{ host: family === 6 ? canonicalIpv6(host) : host, port }]
}

/** A peer may be anywhere: what is dialled is for the peer book to judge. */
async function lookUpPeer({ host, port }: NodeAddress): Promise<PeerAddress[]> {
  const answers = await lookUp(host, { mayBePrivate: true }).catch(() => [])
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
