/** `swarmfetch get`: downloads every source, all at once in one client, and says how it ended. */
import type { ExitCode } from './exit-codes.js'
import { checkCombination, clientOptions, type GetOptions, torrentOptions } from './get-options.js'
import { OutputClaims } from './output-claims.js'
import { resolvePeers } from './resolve-peers.js'
import { runBatch } from './run-batch.js'

/** Rejects only for what concerns no single source, such as options that contradict each other. */
export async function get(sources: readonly string[], options: GetOptions): Promise<ExitCode> {
  checkCombination(sources, options)
  const forAll = torrentOptions(options, await resolvePeers(options.peer ?? []))
  const claims = new OutputClaims()
  const jobs = sources.map((source) => ({
    source,
    options: (torrentFile: Uint8Array) => {
      if (sources.length > 1) claims.claim(source, torrentFile)
      return forAll
    },
  }))
  return await runBatch(jobs, clientOptions(options), options)
}
