/** `swarmfetch seed`: checks that the data is complete, then serves it until a goal or a signal ends that. */
import { OptionError } from '../core/errors.js'
import type { Metainfo } from '../metainfo/metainfo.js'
import { dhtSettings } from './dht-settings.js'
import type { ExitCode } from './exit-codes.js'
import { findDataFolder } from './find-data-folder.js'
import { resolvePeers } from './resolve-peers.js'
import { runBatch } from './run-batch.js'
import { type SeedOptions, torrentOptions } from './seed-options.js'
import { swarmClientOptions, swarmTorrentOptions } from './swarm-options.js'

/**
 * `pairs` holds a torrent and the path of its data in turn. Rejects only for what concerns no single torrent,
 * such as a torrent without a path.
 */
export async function seed(pairs: readonly string[], options: SeedOptions): Promise<ExitCode> {
  if (pairs.length % 2 !== 0) {
    throw new OptionError('BAD_OPTION', `the torrent ${pairs.at(-1)} comes without the path of its data`)
  }
  const peers = await resolvePeers(options.peer ?? [])
  const jobs = Array.from({ length: pairs.length / 2 }, (_, at) => ({
    source: pairs[2 * at]!,
    search: swarmTorrentOptions(options, peers),
    options: async (metainfo: Metainfo) => {
      const folder = await findDataFolder(pairs[2 * at + 1]!, metainfo)
      return torrentOptions(options, folder, peers)
    },
  }))
  const dht = await dhtSettings(options, { serves: true })
  return await runBatch(jobs, { ...swarmClientOptions(options), dht }, { ...options, isResumable: true })
}
