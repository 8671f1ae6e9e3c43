/**
 * One torrent offered by one seed process on many addresses, with a tracker that names them all: on loopback, or
 * across a cable between network namespaces.
 */
import { join } from 'node:path'
import { addressKey, type PeerAddress } from '../src/core/peer-address.js'
import { loopbackHosts } from './addresses.js'
import { seedArguments, startHelper } from './helper-process.js'
import { makeNamespacePair, type NamespacePair } from './namespaces.js'
import type { PayloadFile } from './payload.js'
import { hashPayload, writeTorrent } from './torrent.js'

export interface SwarmPlan {
  /** Folder for the .torrent. */
  readonly workspace: string
  readonly payload: PayloadFile
  readonly pieceLengthBytes: number
  readonly peerCount: number
}

export interface Swarm {
  /** Path of the .torrent. */
  readonly torrent: string
  readonly peers: readonly PeerAddress[]
  /** Put in front of a command, these words run it where it reaches the peers. */
  readonly downloadPrefix: readonly string[]
  stop(): void
}

export function startLoopbackSwarm(plan: SwarmPlan): Promise<Swarm> {
  const remove = () => {}
  return startSwarm(plan, {
    seedHosts: loopbackHosts(plan.peerCount),
    seedPrefix: [],
    downloadPrefix: [],
    remove,
  })
}

/** Throws when this machine does not let us make namespaces. */
export function startNamespaceSwarm(plan: SwarmPlan): Promise<Swarm> {
  return startSwarm(plan, makeNamespacePair(plan.peerCount))
}

async function startSwarm(plan: SwarmPlan, network: NamespacePair): Promise<Swarm> {
  const { seedHosts, seedPrefix, downloadPrefix } = network
  const torrent = hashPayload({ files: [plan.payload], pieceLengthBytes: plan.pieceLengthBytes })
  const seedArgs = [...seedArguments(torrent), ...seedHosts.flatMap((host) => ['--listen', host])]
  const seed = await startHelper('seed', seedArgs, seedPrefix)
  const trackerArgs = ['--listen', seedHosts[0]!, ...seed.addresses.flatMap((a) => ['--peer', addressKey(a)])]
  const tracker = await startHelper('tracker', trackerArgs, seedPrefix)
  const location = join(plan.workspace, 'payload.torrent')
  writeTorrent(location, torrent, `http://${addressKey(tracker.addresses[0]!)}/announce`)
  const stop = () => {
    seed.stop()
    tracker.stop()
    network.remove()
  }
  return { torrent: location, peers: seed.addresses, downloadPrefix, stop }
}
