/** A worker for tests: the disk has lost something of the third file of a batch, and tells of it once. */
import type { SyncAnswer, SyncTask } from '../../src/storage/piece-tasks.js'

let hasTold = false

export function syncFiles({ paths }: SyncTask): SyncAnswer {
  if (hasTold || paths.length < 3) return { failure: undefined, isLost: false }
  hasTold = true
  return { failure: { code: 'ENOSPC', message: 'no space', subject: 2 }, isLost: true }
}
