/** A worker for tests: the disk has lost something of the third file, and tells of it once. */
import type { SyncAnswer } from '../../src/storage/piece-tasks.js'

let hasTold = false

export function syncFiles(_task: unknown): SyncAnswer {
  if (hasTold) return { failure: undefined, isLost: false }
  hasTold = true
  return { failure: { code: 'ENOSPC', message: 'no space', subject: 2 }, isLost: true }
}
