/** `swarmfetch verify`: hashes what is on disk and says what is missing or corrupt. */
import { basename } from 'node:path'
import { type VerifyReport, verifyTorrent } from '../client/verify-torrent.js'
import { VerifyError } from '../core/errors.js'
import { EXIT, type ExitCode } from './exit-codes.js'
import { failureText } from './failure.js'
import { displayHashing } from './hashing-display.js'
import { readTorrent } from './read-source.js'
import { printError, printOutput } from './standard-streams.js'
import { verifyFailureText, verifyText } from './verify-text.js'

export interface VerifyCommandOptions {
  readonly json?: boolean
  readonly quiet?: boolean
  readonly workers?: number
  readonly select?: readonly (string | number)[]
}

/** Rejects with a SourceError, MetainfoError, OptionError, StorageError or StoppedError. */
export async function verify(
  source: string,
  folder: string,
  options: VerifyCommandOptions,
): Promise<ExitCode> {
  const report = await hashWithProgress(source, folder, options)
  if (options.json) printOutput(JSON.stringify(report))
  else if (!options.quiet) printOutput(verifyText(report))
  if (report.complete) return EXIT.done
  const failure = new VerifyError('INCOMPLETE', verifyFailureText(report))
  printError(failureText(failure, report.name))
  return EXIT.verifyFailed
}

async function hashWithProgress(
  source: string,
  folder: string,
  { json, quiet, workers, select }: VerifyCommandOptions,
): Promise<VerifyReport> {
  const display = { name: basename(source), isQuiet: (quiet ?? false) || (json ?? false) }
  return await displayHashing(display, async (calls) =>
    verifyTorrent(await readTorrent(source, calls.signal), folder, {
      ...calls,
      ...(workers === undefined ? {} : { workers }),
      ...(select === undefined ? {} : { select }),
    }),
  )
}
