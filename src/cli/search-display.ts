/** The progress of a command that looks for metadata and does nothing else, and its end by a signal. */
import type { MetadataProgress } from '../client/progress.js'
import { StoppedError } from '../core/errors.js'
import { chooseReport } from './choose-report.js'
import { EXIT } from './exit-codes.js'
import { watchStopRequests } from './stop-requests.js'
import type { TellingOptions } from './swarm-options.js'

/** What the work gets: when to stop, and whom to tell how far a search is. */
export interface SearchCalls {
  /** Its reason is a StoppedError. */
  readonly signal: AbortSignal
  show(source: string, progress: MetadataProgress): void
  /** It has ended. The screen is free until the next tick, for what there is to say. */
  hide(source: string): void
}

/** Settles as the work does. */
export async function displaySearches<T>(
  telling: TellingOptions,
  work: (calls: SearchCalls) => Promise<T>,
): Promise<T> {
  const stopping = new AbortController()
  const unwatch = watchStopRequests({
    stop: () => stopping.abort(new StoppedError('stopped before the metadata was there')),
    abandon: () => EXIT.stopped,
  })
  const display = chooseReport(telling)
  const shown = new Map<string, MetadataProgress>()
  const ticker = setInterval(() => display.progressed([], [...shown.values()]), display.tickMs)
  try {
    return await work({
      signal: stopping.signal,
      show: (source, progress) => void shown.set(source, progress),
      hide: (source) => {
        shown.delete(source)
        display.progressed([])
      },
    })
  } finally {
    clearInterval(ticker)
    display.close(false)
    unwatch()
  }
}
