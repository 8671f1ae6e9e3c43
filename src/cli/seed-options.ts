/** The options of `seed`: how they are declared, and what they mean to a torrent. */
import type { Command } from 'commander'
import type { TorrentOptions } from '../client/options.js'
import type { PeerAddress } from '../core/peer-address.js'
import { duration, ratio } from './option-values.js'
import { addSwarmOptions, type SwarmOptions, seedGoal, swarmTorrentOptions } from './swarm-options.js'

export interface SeedOptions extends SwarmOptions {
  readonly ratio?: number
  /** In milliseconds. */
  readonly time?: number
}

export function addSeedOptions(command: Command): Command {
  command
    .option('--ratio <n>', 'end when so many times the size has been uploaded, in all runs', ratio)
    .option('--time <duration>', 'end after so long: seconds, or such as 90m, 12h, 7d', duration(0))
  return addSwarmOptions(command)
}

/** The data is in this folder, or it is incomplete: nothing is fetched. */
export function torrentOptions(
  options: SeedOptions,
  folder: string,
  peers: readonly PeerAddress[],
): TorrentOptions {
  return {
    ...swarmTorrentOptions(options, peers),
    output: folder,
    download: false,
    seed: seedGoal(options.ratio, options.time) ?? true,
  }
}
