/** `swarmfetch get`: downloads every source, all at once in one client, and says how it ended. */
import { Client } from '../client/client.js'
import { chooseReport } from './choose-report.js'
import { DownloadBatch } from './download-batch.js'
import type { ExitCode } from './exit-codes.js'
import { checkCombination, clientOptions, type GetOptions, torrentOptions } from './get-options.js'
import { resolvePeers } from './resolve-peers.js'
import { watchStopRequests } from './stop-requests.js'

/** Rejects only for what concerns no single source, such as options that contradict each other. */
export async function get(sources: readonly string[], options: GetOptions): Promise<ExitCode> {
  checkCombination(sources, options)
  const peers = await resolvePeers(options.peer ?? [])
  const client = new Client(clientOptions(options))
  const batch = new DownloadBatch(client, torrentOptions(options, peers), chooseReport(options))
  const unwatch = watchStopRequests({ stop: () => batch.stop(), abandon: () => batch.abandon() })
  try {
    return await batch.run(sources)
  } finally {
    batch.close()
    await client.close()
    unwatch()
  }
}
