/** Runs the program as a user would: a process of its own, from the build that the test belongs to. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import type { TestContext } from 'node:test'
import { PROGRAM } from '../kit/cli-process.js'
import { offline } from '../kit/offline.js'

export interface Outcome {
  /** Null when a signal ended it. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** To its end, with this on standard input. */
export async function runCli(args: readonly string[], input: Uint8Array | string = ''): Promise<Outcome> {
  const child = spawn(process.execPath, [PROGRAM, ...offline(args)])
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  return await outcomeOf(child)
}

/** For tests that do something while it runs. It does not outlive the test. */
export function startCli(t: TestContext, args: readonly string[]): ChildProcessWithoutNullStreams {
  const child = spawn(process.execPath, [PROGRAM, ...offline(args)])
  t.after(() => child.kill('SIGKILL'))
  return child
}

/** All that it still writes, and how it ends. */
export async function outcomeOf(child: ChildProcessWithoutNullStreams): Promise<Outcome> {
  const [code, stdout, stderr] = await Promise.all([exitOf(child), text(child.stdout), text(child.stderr)])
  return { code, stdout, stderr }
}

/** The exit code; null when a signal ended it. */
export function exitOf(child: ChildProcessWithoutNullStreams): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
}
