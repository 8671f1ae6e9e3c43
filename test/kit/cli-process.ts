/** A command of ours with `--json`, as a process: its events as they come, and how it ends. */
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import type { TestContext } from 'node:test'
import { offline } from './offline.js'
import { newFolder } from './real-folders.js'
import { END_WITH_PARENT } from './real-process.js'

export const PROGRAM = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.js')

/** The fields that tests look at; which of them an event has depends on its kind. */
export interface CliEvent {
  readonly event: string
  readonly source?: string
  readonly type?: string
  readonly code?: string
  readonly phase?: string
  readonly infoHash?: string | null
  readonly totalBytes?: number
  readonly completedBytes?: number
  readonly checkedBytes?: number
  readonly bytesToCheck?: number
  readonly downloadedBytes?: number
  readonly uploadedBytes?: number
  readonly connectedPeers?: number
  readonly unchokedPeers?: number
  readonly seededMs?: number
  readonly goalReached?: boolean
  readonly knownPeers?: number
  readonly peers?: number
  readonly webSeeds?: number
  readonly files?: readonly string[]
  readonly error?: { readonly code: string; readonly message: string }
  readonly exitCode?: number
  /** Of a tracker. */
  readonly port?: number
}

export interface CliOutcome {
  /** Null when a signal ended it. */
  readonly code: number | null
  readonly events: readonly CliEvent[]
  readonly last: CliEvent
  readonly stderr: string
}

export class CliProcess {
  readonly outcome: Promise<CliOutcome>
  /** Those that have come so far. */
  readonly events: CliEvent[] = []
  readonly #child: ChildProcess
  #hasEnded = false
  #look: () => void = () => {}

  /**
   * The arguments except `--json`. `prefix`: words that run a command somewhere else. It does not outlive the
   * test.
   */
  constructor(t: TestContext, args: readonly string[], prefix: readonly string[] = []) {
    const command = [process.execPath, PROGRAM, ...offline(args), '--json']
    const [program, ...rest] = [...END_WITH_PARENT, ...prefix, ...command]
    const env = { ...process.env, XDG_CACHE_HOME: newFolder() }
    this.#child = spawn(program!, rest, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    const lines = createInterface({ input: this.#child.stdout! })
    lines.on('line', (line) => {
      this.events.push(JSON.parse(line) as CliEvent)
      this.#look()
    })
    this.outcome = this.#follow(text(this.#child.stderr!))
    t.after(() => this.kill('SIGKILL'))
  }

  /** The first event of which this holds. Rejects when it ends without one. One caller at a time. */
  until(holds: (event: CliEvent) => boolean): Promise<CliEvent> {
    let looked = 0
    return new Promise((resolve, reject) => {
      this.#look = () => {
        for (; looked < this.events.length; looked++) {
          if (holds(this.events[looked]!)) return resolve(this.events[looked]!)
        }
        if (this.#hasEnded) reject(new Error(`no such event in ${JSON.stringify(this.events)}`))
      }
      this.#look()
    })
  }

  untilPhase(phase: string): Promise<CliEvent> {
    return this.until((event) => event.phase === phase)
  }

  /** Verified data is on disk, and some is still missing. */
  untilHalfway(): Promise<CliEvent> {
    return this.until((event) => (event.completedBytes ?? 0) > 0 && event.completedBytes! < event.totalBytes!)
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  async #follow(stderr: Promise<string>): Promise<CliOutcome> {
    const code = await new Promise<number | null>((resolve, reject) => {
      this.#child.once('error', reject)
      this.#child.once('close', resolve)
    })
    this.#hasEnded = true
    this.#look()
    return { code, events: this.events, last: this.events.at(-1)!, stderr: await stderr }
  }
}
