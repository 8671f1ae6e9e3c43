/**
 * Turns the hosts of `--peer` into addresses: one for each address that a name has. A name that has none is told of
 * and passed over: there may be other peers.
 */
import type { PeerAddress } from '../core/peer-address.js'
import { lookUp } from '../net/look-up.js'
import type { HostPort } from './option-values.js'
import { printError } from './standard-streams.js'

export async function resolvePeers(peers: readonly HostPort[]): Promise<PeerAddress[]> {
  return (await Promise.all(peers.map(resolvePeer))).flat()
}

async function resolvePeer({ host, port }: HostPort): Promise<PeerAddress[]> {
  try {
    const answers = await lookUp(host, { mayBePrivate: true })
    return answers.map(({ address }) => ({ host: address, port }))
  } catch (error) {
    printError(
      `swarmfetch: passed over the peer ${host}:${port}, which has no address: ${(error as Error).message}`,
    )
    return []
  }
}
