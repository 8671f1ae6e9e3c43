/** Turns the hosts of `--peer` into addresses: one for each address that a name has. */
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { GaveUpError } from '../core/errors.js'
import type { PeerAddress } from '../core/peer-address.js'
import type { HostPort } from './option-values.js'

/** Throws GaveUpError (NO_PEERS) for a name that has no address. */
export async function resolvePeers(peers: readonly HostPort[]): Promise<PeerAddress[]> {
  return (await Promise.all(peers.map(resolvePeer))).flat()
}

async function resolvePeer({ host, port }: HostPort): Promise<PeerAddress[]> {
  if (isIP(host) !== 0) return [{ host, port }]
  try {
    const answers = await lookup(host, { all: true })
    return answers.map(({ address }) => ({ host: address, port }))
  } catch (error) {
    throw new GaveUpError('NO_PEERS', `the peer ${host}:${port} has no address: ${(error as Error).message}`)
  }
}
