/**
 * One torrent offered by one seed process on many addresses, with our tracker, which knows them all: on loopback, or
 * across a cable between network namespaces. A program that finds its peers by the tracker gets as many as it asks for,
 * which with aria2 is 50.
 */
import { join } from 'node:path'
import type { PeerAddress } from '../src/core/peer-address.js'
import { loopbackHosts } from './addresses.js'
import { seedArguments, startHelper } from './helper-process.js'
import { makeNamespacePair, type NamespacePair } from './namespaces.js'
import type { PayloadFile } from './payload.js'
import { startTracker } from './program-process.js'
import { hashPayload, writeTorrent } from './torrent.js'

export interface SwarmPlan {
  /** Folder for the .torrent. */
  readonly workspace: string
  readonly payload: PayloadFile
  readonly pieceLengthBytes: number
  readonly peerCount: number
  /** So much later each peer hears what is said. */
  readonly delayMs: number
}

export interface Swarm {
  /** Path of the .torrent. */
  readonly torrent: string
  readonly peers: readonly PeerAddress[]
  /** Put in front of a command, these words run it where it reaches the peers. */
  readonly downloadPrefix: readonly string[]
  stop(): Promise<void>
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
  const tracker = await startTracker(seedHosts[0]!, seedPrefix)
  const listening = seedHosts.flatMap((host) => ['--listen', host])
  const seedArgs = [
    ...seedArguments(torrent),
    ...listening,
    '--announce',
    tracker.announce,
    '--delay',
    `${plan.delayMs}`,
  ]
  const seed = await startHelper('seed', seedArgs, seedPrefix)
  const location = join(plan.workspace, 'payload.torrent')
  writeTorrent(location, torrent, tracker.announce)
  const stop = async () => {
    seed.stop()
    await tracker.stop()
    network.remove()
  }
  return { torrent: location, peers: seed.addresses, downloadPrefix, stop }
}
