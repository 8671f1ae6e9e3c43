/** Starts the command-line program in the background, and reads its events. It ends with this process. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export const PROGRAM = join(import.meta.dirname, '..', 'src', 'cli', 'main.js')

/** One line of `--json`. */
export type ProgramEvent = Readonly<Record<string, unknown>>

export interface Program {
  /** The event that was looked for. */
  readonly event: ProgramEvent
  readonly pid: number
  /** Resolves when it has ended and writes nothing any more. */
  stop(): Promise<void>
}

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Ends all programs that were started. */
export async function stopPrograms(): Promise<void> {
  await Promise.all([...running].map(stop))
}

/**
 * Resolves with the first event that is looked for; rejects when the program ends before. `prefix` is a command that
 * runs it, if any.
 */
export async function startProgram(
  args: readonly string[],
  isLookedFor: (event: ProgramEvent) => boolean,
  prefix: readonly string[] = [],
): Promise<Program> {
  const [program, ...rest] = [...prefix, process.execPath, PROGRAM, ...args] as [string, ...string[]]
  const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'inherit'] })
  running.add(child)
  child.once('close', () => running.delete(child))
  const event = await new Promise<ProgramEvent>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`swarmfetch ${args[0]} ended with ${code}`)))
    createInterface({ input: child.stdout }).on('line', (line) => {
      const heard = JSON.parse(line) as ProgramEvent
      if (isLookedFor(heard)) resolve(heard)
    })
  })
  return { event, pid: child.pid!, stop: () => stop(child) }
}

/** Starts a tracker and answers the URL to announce to. */
export async function startTracker(
  host: string,
  prefix: readonly string[] = [],
): Promise<Program & { readonly announce: string }> {
  const args = ['tracker', '--host', host, '--port', '0', '--json']
  const tracker = await startProgram(args, ({ event }) => event === 'listening', prefix)
  return { ...tracker, announce: `http://${host}:${tracker.event.port}/announce` }
}

async function stop(child: ChildProcess): Promise<void> {
  if (!running.has(child)) return
  child.kill('SIGKILL')
  await once(child, 'close')
}
