/**
 * Runs one program to its end and tells what it cost, the same way for every program: the kernel's own books
 * (`/proc`, so Linux only), not what a program says of itself.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { LoopDelay } from './loop-delay-hook.js'
import { cpuSecondsOfChildren, peakBytesOf } from './process-usage.js'

export interface Command {
  readonly program: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** True for Node programs, whose event loop can be watched. */
  readonly isNode?: boolean
  /** Ends with this signal when all went well; undefined for an exit with 0. */
  readonly endsBy?: NodeJS.Signals
}

export interface Cost {
  /** From start to exit. */
  readonly wallSeconds: number
  /** User and system time of all its threads, in steps of 10 ms. */
  readonly cpuSeconds: number
  /** The most memory that was resident at once. */
  readonly peakBytes: number
  /** Of its main event loop; undefined for programs that are not Node's. */
  readonly loopDelay: LoopDelay | undefined
}

const TIMEOUT_MS = 300_000
const MEMORY_POLL_MS = 20
const HOOK = join(import.meta.dirname, 'loop-delay-hook.js')

/** Throws with the end of what the program printed when it fails or takes longer than five minutes. */
export async function measure(command: Command, workspace: string): Promise<Cost> {
  const loopFile = join(workspace, 'loop-delay.json')
  rmSync(loopFile, { force: true })
  const cpuBefore = cpuSecondsOfChildren()
  const startedAt = performance.now()
  const child = spawn(command.program, [...(command.isNode ? ['--import', HOOK] : []), ...command.args], {
    env: { ...process.env, ...command.env, LOOP_DELAY_FILE: loopFile },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
  })
  const watch = watchMemory(child)
  const printed = await runToEnd(child, command.endsBy ?? 0).finally(() => clearInterval(watch.timer))
  return {
    wallSeconds: (printed.endedAt - startedAt) / 1000,
    cpuSeconds: cpuSecondsOfChildren() - cpuBefore,
    peakBytes: watch.peakBytes,
    loopDelay: existsSync(loopFile) ? (JSON.parse(readFileSync(loopFile, 'utf8')) as LoopDelay) : undefined,
  }
}

const KEPT_OUTPUT_CHARACTERS = 2_000

async function runToEnd(child: ChildProcess, wanted: number | NodeJS.Signals): Promise<{ endedAt: number }> {
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-KEPT_OUTPUT_CHARACTERS)
    })
  }
  const ended = await new Promise<number | NodeJS.Signals | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => resolve(signal ?? code))
  })
  if (ended !== wanted) throw new Error(`${child.spawnfile} ended with ${ended}:\n${output}`)
  return { endedAt: performance.now() }
}

interface MemoryWatch {
  peakBytes: number
  timer: NodeJS.Timeout
}

/** The kernel keeps the high-water mark, so the last look before the end loses next to nothing. */
function watchMemory(child: ChildProcess): MemoryWatch {
  const watch: MemoryWatch = {
    peakBytes: 0,
    timer: setInterval(() => {
      watch.peakBytes = Math.max(watch.peakBytes, peakBytesOf(child.pid!))
    }, MEMORY_POLL_MS),
  }
  return watch
}
