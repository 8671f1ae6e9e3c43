/**
 * `swarmfetch tracker`: answers until SIGINT or SIGTERM, then saves its state and exits with 0. SIGHUP has
 * it read the lists of torrents at once, which it otherwise does within two seconds of a change.
 */
import { setFlagsFromString } from 'node:v8'
import { TrackerServer } from '../tracker-server/tracker-server.js'
import { EXIT, type ExitCode } from './exit-codes.js'
import { failureText } from './failure.js'
import { printError, printOutput } from './standard-streams.js'
import { watchStopRequests } from './stop-requests.js'
import { type TrackerOptions, toServerOptions } from './tracker-options.js'

/**
 * Rejects with an OptionError when it cannot start, with the system's error when it cannot save its state, and
 * when its workers die again and again.
 */
export async function tracker(options: TrackerOptions): Promise<ExitCode> {
  // A server lives long: V8's own threshold for optimising, which `main` raises for downloads, pays here.
  setFlagsFromString(`--interrupt-budget=${DEFAULT_INTERRUPT_BUDGET}`)
  const server = new TrackerServer(toServerOptions(options, warn))
  let stop = () => {}
  const stopped = new Promise<void>((resolve) => {
    stop = resolve
  })
  const reload = () => void server.reloadLists().catch((error: unknown) => printError(failureText(error)))
  process.on('SIGHUP', reload)
  const unwatch = watchStopRequests({
    stop,
    abandon: giveUpSaving,
  })
  try {
    await server.listen()
    tellReady(server, options)
    await Promise.race([stopped, server.ended])
  } finally {
    process.off('SIGHUP', reload)
    await server.close()
    unwatch()
  }
  return EXIT.done
}

const DEFAULT_INTERRUPT_BUDGET = 132 * 1024

function warn(text: string): void {
  printError(`swarmfetch: tracker: ${text}`)
}

function tellReady({ port, hosts }: TrackerServer, { json, quiet }: TrackerOptions): void {
  if (json) return printOutput(JSON.stringify({ event: 'listening', port, hosts }))
  if (quiet) return
  for (const name of hosts.map((text) => (text.includes(':') ? `[${text}]` : text))) {
    printOutput(`tracker: http://${name}:${port}/announce and udp://${name}:${port}/announce`)
  }
}

/** The old state is still there: it is replaced whole or not at all. */
function giveUpSaving(): ExitCode {
  warn('the state could not be saved in time')
  return EXIT.storage
}
