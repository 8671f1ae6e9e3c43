/**
 * The threads that hash and write, one pool for all torrents of a client.
 */
import { DEFAULTS } from '../config.js'

export interface PiecePoolOptions {
  /** Started at once and kept. */
  readonly minThreads?: number
  readonly maxThreads?: number
}

export class PiecePool {
  readonly threadCount: number

  constructor(options: PiecePoolOptions = {}) {
    this.threadCount = options.maxThreads ?? DEFAULTS.workers
  }

  /** Finishes the tasks in flight and ends the threads. */
  close(): Promise<void> {
    throw new Error('not yet')
  }
}
