/** What `get` and `seed` have in common: their torrents run in one client until they end or are asked to stop. */
import { Client } from '../client/client.js'
import type { ClientOptions } from '../client/options.js'
import { chooseReport } from './choose-report.js'
import type { ExitCode } from './exit-codes.js'
import { watchStopRequests } from './stop-requests.js'
import type { TellingOptions } from './swarm-options.js'
import { type Job, TorrentBatch } from './torrent-batch.js'

interface BatchManner extends TellingOptions {
  /** The same command goes on where a stop ended it. */
  readonly isResumable: boolean
}

/** Rejects only for what concerns no single job, such as an option that makes no sense. */
export async function runBatch(
  jobs: readonly Job[],
  options: ClientOptions,
  manner: BatchManner,
): Promise<ExitCode> {
  const client = new Client(options)
  const batch = new TorrentBatch(client, chooseReport(manner), manner.isResumable)
  const unwatch = watchStopRequests({ stop: () => batch.stop(), abandon: () => batch.abandon() })
  try {
    return await batch.run(jobs)
  } finally {
    batch.close()
    await client.close()
    unwatch()
  }
}
