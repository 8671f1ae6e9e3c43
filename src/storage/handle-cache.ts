/**
 * Open files, all torrents of a client together, at most {@link LIMITS}.openFiles at once.
 */
import { LIMITS } from '../config.js'

export class HandleCache {
  constructor(readonly limit: number = LIMITS.openFiles) {}

  /** Closes every file that is not in use. */
  close(): Promise<void> {
    throw new Error('not yet')
  }
}
