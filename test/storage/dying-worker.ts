/** A worker for tests: its thread ends in the middle of some tasks. */
import type { StoreTask, ZeroAnswer } from '../../src/storage/piece-tasks.js'

export function storePieces(_task: StoreTask): never {
  process.exit(3)
}

export function writeSpans(_task: unknown): never {
  throw new Error('a bug')
}

export function zeroFill(_task: unknown): ZeroAnswer {
  return { failure: undefined }
}
