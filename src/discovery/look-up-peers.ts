/** Turns peers that a link names by host into addresses: one for each that the name has. */
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { canonicalIpv6 } from '../core/compact-peers.js'
import type { PeerAddress } from '../core/peer-address.js'
import type { NodeAddress } from '../metainfo/metainfo.js'

/** More addresses than any honest name has. */
const MOST_PER_NAME = 8

/** Names that have no address are left out. Never rejects. */
export async function lookUpPeers(nodes: readonly NodeAddress[]): Promise<PeerAddress[]> {
  return (await Promise.all(nodes.map(lookUpPeer))).flat()
}

async function lookUpPeer({ host, port }: NodeAddress): Promise<PeerAddress[]> {
  const family = isIP(host)
  if (family !== 0) return [{ host: family === 6 ? canonicalIpv6(host) : host, port }]
  const answers = await lookup(host, { all: true }).catch(() => [])
  return answers.slice(0, MOST_PER_NAME).map(({ address }) => ({ host: address, port }))
}
