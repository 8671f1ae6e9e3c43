/** `swarmfetch get --json` as a process: its events as they come, and how it ends. */

import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import type { TestContext } from 'node:test'

export const PROGRAM = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.js')

/** The fields that tests look at; which of them an event has depends on its kind. */
export interface GetEvent {
  readonly event: string
  readonly type?: string
  readonly code?: string
  readonly phase?: string
  readonly totalBytes?: number
  readonly completedBytes?: number
  readonly downloadedBytes?: number
  readonly connectedPeers?: number
  readonly unchokedPeers?: number
  readonly files?: readonly string[]
  readonly error?: { readonly code: string; readonly message: string }
}

export interface GetOutcome {
  /** Null when a signal ended it. */
  readonly code: number | null
  readonly events: readonly GetEvent[]
  readonly stderr: string
}

export class RealGet {
  readonly outcome: Promise<GetOutcome>
  readonly #child: ChildProcess
  readonly #events: GetEvent[] = []
  #hasEnded = false
  #look: () => void = () => {}

  /** The arguments of `get` except `--json`. `prefix`: words that run a command somewhere else. */
  constructor(t: TestContext, args: readonly string[], prefix: readonly string[] = []) {
    const [program, ...rest] = [...prefix, process.execPath, PROGRAM, 'get', '--json', ...args]
    this.#child = spawn(program!, rest, { stdio: ['ignore', 'pipe', 'pipe'] })
    const lines = createInterface({ input: this.#child.stdout! })
    lines.on('line', (line) => {
      this.#events.push(JSON.parse(line) as GetEvent)
      this.#look()
    })
    this.outcome = this.#follow(text(this.#child.stderr!))
    t.after(() => this.kill('SIGKILL'))
  }

  /** The first event of which this holds. Rejects when it ends without one. One caller at a time. */
  until(holds: (event: GetEvent) => boolean): Promise<GetEvent> {
    let looked = 0
    return new Promise((resolve, reject) => {
      this.#look = () => {
        for (; looked < this.#events.length; looked++) {
          if (holds(this.#events[looked]!)) return resolve(this.#events[looked]!)
        }
        if (this.#hasEnded) reject(new Error(`no such event in ${JSON.stringify(this.#events)}`))
      }
      this.#look()
    })
  }

  /** Verified data is on disk, and some is still missing. */
  untilHalfway(): Promise<GetEvent> {
    return this.until((event) => (event.completedBytes ?? 0) > 0 && event.completedBytes! < event.totalBytes!)
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  async #follow(stderr: Promise<string>): Promise<GetOutcome> {
    const code = await new Promise<number | null>((resolve, reject) => {
      this.#child.once('error', reject)
      this.#child.once('close', resolve)
    })
    this.#hasEnded = true
    this.#look()
    return { code, events: this.#events, stderr: await stderr }
  }
}
