/**
 * SIGINT, SIGTERM and a reader that went away ask a command to stop. It gets a short time to do so cleanly;
 * then the process ends whatever still hangs. A second signal ends it at once.
 */
import { systemClock } from '../core/clock.js'
import { EXIT, type ExitCode } from './exit-codes.js'
import { onReaderGone } from './standard-streams.js'

export interface StopHandlers {
  /** Stop cleanly. */
  stop(): void
  /** The time is up: say what there is to say, without waiting for anything, and what to exit with. */
  abandon(): ExitCode
}

/**
 * Returns the function that ends the watch, when the command has stopped. The deadline holds on: a reader that takes
 * nothing of what was written would keep the process.
 */
export function watchStopRequests(handlers: StopHandlers): () => void {
  let deadline: NodeJS.Timeout | undefined
  let firstSignalMs = Number.POSITIVE_INFINITY
  const request = () => {
    if (deadline !== undefined) return
    deadline = setTimeout(() => {
      process.exit(process.exitCode ?? handlers.abandon())
    }, DEADLINE_MS)
    handlers.stop()
  }
  const onSignal = () => {
    if (systemClock.now() - firstSignalMs > ECHO_MS) process.exit(EXIT.interrupted)
    firstSignalMs = Math.min(firstSignalMs, systemClock.now())
    request()
  }
  for (const signal of SIGNALS) process.on(signal, onSignal)
  onReaderGone(request)
  return () => {
    deadline?.unref()
    for (const signal of SIGNALS) process.off(signal, onSignal)
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/** `timeout`, npm and others send a signal to the process and once more to its group: that is one request. */
const ECHO_MS = 50

/** The program promises to be gone 2 s after the first signal. */
const DEADLINE_MS = 1_700
