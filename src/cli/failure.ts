/** How a failure is told: one line on stderr for people, and an `error` object on stdout for programs. */
import { SourceError, SwarmfetchError } from '../core/errors.js'
import { type ExitCode, exitCodeOf } from './exit-codes.js'
import { sourceText } from './source-text.js'
import { printError, printOutput } from './standard-streams.js'
import { toPlainText } from './terminal-text.js'

export interface FailureManner {
  /** The source or torrent that it concerns. */
  readonly subject?: string
  /** Also as an object on standard output. */
  readonly isJson?: boolean | undefined
  /** That object is one in a stream of events. */
  readonly isEvent?: boolean
}

/** Tells a failure that ended a command, and returns what to exit with. */
export function reportFailure(error: unknown, manner: FailureManner): ExitCode {
  const exitCode = exitCodeOf(error)
  printError(failureText(error, manner.subject))
  if (!manner.isJson) return exitCode
  const event = { event: 'error', source: null, infoHash: null, error: failureObject(error), exitCode }
  printOutput(JSON.stringify(manner.isEvent ? event : { error: failureObject(error) }))
  return exitCode
}

/** `swarmfetch: <subject>: <message> (CODE)`, and the stack of a defect below it. */
export function failureText(error: unknown, subject?: string): string {
  const { code, message } = failureObject(error)
  const line = `swarmfetch: ${aboutText(error, subject)}${message} (${code})`
  if (error instanceof SwarmfetchError || !(error instanceof Error)) return line
  return `${line}\n${error.stack}`
}

/** What programs get; the codes are stable. UNEXPECTED is a defect of swarmfetch. */
export function failureObject(error: unknown): { readonly code: string; readonly message: string } {
  const message = toPlainText(error instanceof Error ? error.message : String(error))
  return { code: error instanceof SwarmfetchError ? error.code : 'UNEXPECTED', message }
}

/** A SourceError names its source, without the secrets that a URL may hold. */
function aboutText(error: unknown, subject: string | undefined): string {
  if (subject === undefined || error instanceof SourceError) return ''
  return `${toPlainText(sourceText(subject))}: `
}
