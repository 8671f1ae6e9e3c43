/** The progress of a command that hashes and does nothing else, and its end by a signal. */
import type { TorrentProgress } from '../client/progress.js'
import { StoppedError } from '../core/errors.js'
import { chooseReport } from './choose-report.js'
import { EXIT } from './exit-codes.js'
import { watchStopRequests } from './stop-requests.js'

export interface HashingDisplay {
  /** What the progress is called. */
  readonly name: string
  readonly isQuiet: boolean
}

/** What the work gets: when to stop, and whom to tell how far it is. */
export interface HashingCalls {
  readonly signal: AbortSignal
  readonly onProgress: (hashedBytes: number, bytesToHash: number) => void
}

/** Rejects with a StoppedError when it was asked to stop, and else with what the work rejects with. */
export async function displayHashing<T>(
  { name, isQuiet }: HashingDisplay,
  work: (calls: HashingCalls) => Promise<T>,
): Promise<T> {
  const stopping = new AbortController()
  const unwatch = watchStopRequests({ stop: () => stopping.abort(), abandon: () => EXIT.stopped })
  const display = chooseReport({ quiet: isQuiet })
  let progress = hashingProgress(name, 0, 0)
  const shown = { source: name, infoHash: '', name, progress: () => progress }
  const ticker = setInterval(() => display.progressed([shown]), display.tickMs)
  const onProgress = (hashedBytes: number, bytesToHash: number) => {
    progress = hashingProgress(name, hashedBytes, bytesToHash)
  }
  try {
    return await work({ signal: stopping.signal, onProgress })
  } catch (error) {
    if (!stopping.signal.aborted) throw error
    throw new StoppedError('stopped before all was hashed', { cause: error })
  } finally {
    clearInterval(ticker)
    display.close(false)
    unwatch()
  }
}

/** Hashing existing data is a phase of a download; here it is the only one. */
function hashingProgress(name: string, checkedBytes: number, bytesToCheck: number): TorrentProgress {
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
    uploadedBytesBefore: 0,
    downloadBytesPerSecond: 0,
    uploadBytesPerSecond: 0,
    etaSeconds: undefined,
    connectedPeers: 0,
    unchokedPeers: 0,
    knownPeers: 0,
    webSeeds: 0,
    pieceCount: 0,
    verifiedPieces: 0,
    stall: undefined,
  }
}
