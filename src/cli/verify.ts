/** `swarmfetch verify`: hashes what is on disk and says what is missing or corrupt. */
import { basename } from 'node:path'
import type { TorrentProgress } from '../client/progress.js'
import { type VerifyReport, verifyTorrent } from '../client/verify-torrent.js'
import { StoppedError, VerifyError } from '../core/errors.js'
import { chooseReport } from './choose-report.js'
import { EXIT, type ExitCode } from './exit-codes.js'
import { failureText } from './failure.js'
import { readSource } from './read-source.js'
import { printError, printOutput } from './standard-streams.js'
import { watchStopRequests } from './stop-requests.js'
import { isComplete, verifyFailureText, verifyText } from './verify-text.js'

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
  if (options.json) printOutput(JSON.stringify({ ...report, complete: isComplete(report) }))
  else if (!options.quiet) printOutput(verifyText(report))
  if (isComplete(report)) return EXIT.done
  const failure = new VerifyError('INCOMPLETE', verifyFailureText(report))
  printError(failureText(failure, report.name))
  return EXIT.verifyFailed
}

async function hashWithProgress(
  source: string,
  folder: string,
  options: VerifyCommandOptions,
): Promise<VerifyReport> {
  const stopping = new AbortController()
  const unwatch = watchStopRequests({ stop: () => stopping.abort(), abandon: () => EXIT.stopped })
  const display = chooseReport({ quiet: (options.quiet ?? false) || (options.json ?? false) })
  let progress = checkingProgress(basename(source), 0, 0)
  const shown = { source, infoHash: '', name: progress.name, progress: () => progress }
  const ticker = setInterval(() => display.progressed([shown]), display.tickMs)
  try {
    return await verifyTorrent(await readSource(source, stopping.signal), folder, {
      signal: stopping.signal,
      onProgress: (checkedBytes, bytesToCheck) => {
        progress = checkingProgress(progress.name, checkedBytes, bytesToCheck)
      },
      ...(options.workers === undefined ? {} : { workers: options.workers }),
      ...(options.select === undefined ? {} : { select: options.select }),
    })
  } catch (error) {
    throw stopping.signal.aborted
      ? new StoppedError('stopped before all was hashed', { cause: error })
      : error
  } finally {
    clearInterval(ticker)
    display.close(false)
    unwatch()
  }
}

/** Hashing existing data is a phase of a download; here it is the only one. */
function checkingProgress(name: string, checkedBytes: number, bytesToCheck: number): TorrentProgress {
  return {
    phase: 'checking',
    infoHash: '',
    name,
    totalBytes: bytesToCheck,
    completedBytes: 0,
    checkedBytes,
    bytesToCheck,
    downloadedBytes: 0,
    wastedBytes: 0,
    uploadedBytes: 0,
    downloadBytesPerSecond: 0,
    uploadBytesPerSecond: 0,
    etaSeconds: undefined,
    connectedPeers: 0,
    unchokedPeers: 0,
    knownPeers: 0,
    pieceCount: 0,
    verifiedPieces: 0,
    stall: undefined,
  }
}
