/**
 * The program's two outputs. A reader that goes away (`| head`) ends nothing with an error: what is still
 * written is lost, as the reader wished. Any other failure to write what was asked for is one of storage; a log that
 * cannot be kept ends nothing.
 */
import { EXIT } from './exit-codes.js'

/** The `--output` that means standard output. */
export const STANDARD_OUTPUT = '-'

export function printOutput(line: string): void {
  process.stdout.write(`${line}\n`)
}

export function printError(line: string): void {
  process.stderr.write(`${line}\n`)
}

/** Bytes as they are. Resolves when they are written, or nobody reads them; any other failure ends the process. */
export function writeOutput(bytes: Uint8Array): Promise<void> {
  return new Promise((done) => {
    process.stdout.write(bytes, () => done())
  })
}

/** Whether lines can be rewritten in place. */
export function isLiveTerminal(stream: { readonly isTTY?: boolean }): boolean {
  return stream.isTTY === true && process.env.TERM !== 'dumb'
}

export function guardStandardStreams(): void {
  process.stderr.on('error', () => {})
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED') return
    printError(`swarmfetch: cannot write to standard output: ${error.message} (IO_ERROR)`)
    process.exit(EXIT.storage)
  })
}

/** Calls back once when a reader of either stream has gone away. */
export function onReaderGone(react: () => void): void {
  let isGone = false
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', ({ code }: NodeJS.ErrnoException) => {
      if (isGone || code !== 'EPIPE') return
      isGone = true
      react()
    })
  }
}
