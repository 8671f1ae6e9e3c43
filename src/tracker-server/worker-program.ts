import { fileURLToPath } from 'node:url'

/**
 * What a worker process runs. Named as from any folder right below src/: the command line is bundled in one
 * of them.
 */
export const WORKER_PROGRAM = fileURLToPath(
  new URL('../tracker-server/shards/worker-main.js', import.meta.url),
)
