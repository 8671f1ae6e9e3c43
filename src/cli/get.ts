/** `swarmfetch get`: downloads every source, all at once in one client, and says how it ended. */
import type { Metainfo } from '../metainfo/metainfo.js'
import { dhtSettings } from './dht-settings.js'
import type { ExitCode } from './exit-codes.js'
import { getMetadata } from './get-metadata.js'
import {
  checkCombination,
  clientOptions,
  type GetOptions,
  searchOptions,
  torrentOptions,
} from './get-options.js'
import { OutputClaims } from './output-claims.js'
import { resolvePeers } from './resolve-peers.js'
import { runBatch } from './run-batch.js'

/** Rejects only for what concerns no single source, such as options that contradict each other. */
export async function get(sources: readonly string[], options: GetOptions): Promise<ExitCode> {
  checkCombination(sources, options)
  const peers = await resolvePeers(options.peer ?? [])
  if (options.metadataOnly) return await getMetadata(sources, options, peers)
  const forAll = torrentOptions(options, peers)
  const claims = new OutputClaims()
  const jobs = sources.map((source) => ({
    source,
    search: searchOptions(options, peers),
    options: (metainfo: Metainfo) => {
      if (sources.length > 1) claims.claim(source, metainfo)
      return forAll
    },
  }))
  // What went to standard output is gone.
  const isResumable = options.output !== '-'
  const dht = await dhtSettings(options, { serves: forAll.seed !== false })
  return await runBatch(jobs, { ...clientOptions(options), dht }, { ...options, isResumable })
}
