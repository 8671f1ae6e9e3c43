/** Progress goes to stderr, so that standard output holds only what was asked for. */
import { systemClock } from '../core/clock.js'
import { JsonReport } from './json-report.js'
import { LiveReport } from './live-report.js'
import { PlainReport } from './plain-report.js'
import { QuietReport } from './quiet-report.js'
import type { Report } from './report.js'
import { isLiveTerminal, printError, printOutput } from './standard-streams.js'
import type { TellingOptions } from './swarm-options.js'

export function chooseReport(options: TellingOptions): Report {
  if (options.json) return new JsonReport({ out: printOutput, err: printError }, options.quiet ?? false)
  if (options.quiet) return new QuietReport(printError)
  if (isLiveTerminal(process.stderr)) return new LiveReport(process.stderr, process.stderr.hasColors())
  return new PlainReport(printError, systemClock)
}
