/** Starts the command-line program in the background, and reads its events. It ends with this process. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export const PROGRAM = join(import.meta.dirname, '..', 'src', 'cli', 'main.js')

/** One line of `--json`. */
export type ProgramEvent = Readonly<Record<string, unknown>>

const running = new Set<ChildProcess>()

/** Ends all programs that were started; nothing of them writes any more when it resolves. */
export async function stopPrograms(): Promise<void> {
  await Promise.all(
    [...running].map(async (child) => {
      child.kill('SIGKILL')
      await once(child, 'close')
    }),
  )
}

/** Resolves with the first event that is looked for; rejects when the program ends before. */
export function startProgram(
  args: readonly string[],
  isLookedFor: (event: ProgramEvent) => boolean,
): Promise<ProgramEvent> {
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  running.add(child)
  child.once('close', () => running.delete(child))
  process.once('exit', () => child.kill('SIGKILL'))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`swarmfetch ${args[0]} ended with ${code}`)))
    createInterface({ input: child.stdout }).on('line', (line) => {
      const event = JSON.parse(line) as ProgramEvent
      if (isLookedFor(event)) resolve(event)
    })
  })
}
