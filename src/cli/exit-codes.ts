/** The exit code is the program's answer to a script: one number per cure, and it never changes its meaning. */
import {
  GaveUpError,
  MetainfoError,
  OptionError,
  PeerError,
  SourceError,
  StoppedError,
  StorageError,
  TrackerError,
  VerifyError,
} from '../core/errors.js'

export const EXIT = {
  done: 0,
  /** A defect of swarmfetch: the stack is on stderr. */
  unexpected: 1,
  usage: 2,
  badMetainfo: 3,
  /** No peers, trackers or metadata in time. */
  gaveUp: 4,
  storage: 5,
  verifyFailed: 6,
  /** Stopped before completion; the same command goes on. */
  stopped: 7,
  /** Interrupted twice. */
  interrupted: 130,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** What to exit with when a command ended with this error. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof OptionError) return EXIT.usage
  if (error instanceof MetainfoError) return EXIT.badMetainfo
  // A URL that does not answer may do so later; a path that is wrong stays wrong.
  if (error instanceof SourceError) return error.code === 'FETCH_FAILED' ? EXIT.gaveUp : EXIT.badMetainfo
  if (error instanceof GaveUpError) return EXIT.gaveUp
  if (error instanceof TrackerError || error instanceof PeerError) return EXIT.gaveUp
  if (error instanceof StorageError) return EXIT.storage
  if (error instanceof VerifyError) return EXIT.verifyFailed
  if (error instanceof StoppedError) return EXIT.stopped
  return EXIT.unexpected
}
