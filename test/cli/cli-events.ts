/** The program with `--json` as a process: its events as they come, and how it ends. */
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import type { TestContext } from 'node:test'
import { exitOf, startCli } from './run-cli.js'

/** The fields that tests look at; which of them an event has depends on its kind. */
export interface CliEvent {
  readonly event: string
  readonly source?: string
  readonly type?: string
  readonly phase?: string
  readonly infoHash?: string | null
  readonly totalBytes?: number
  readonly completedBytes?: number
  readonly checkedBytes?: number
  readonly downloadedBytes?: number
  readonly uploadedBytes?: number
  readonly seededMs?: number
  readonly goalReached?: boolean
  readonly error?: { readonly code: string; readonly message: string }
  readonly exitCode?: number
}

export class CliEvents {
  readonly events: CliEvent[] = []
  readonly #child
  readonly #exit: Promise<number | null>
  readonly #stderr: Promise<string>
  #hasEnded = false
  #look: () => void = () => {}

  /** The arguments without `--json`. It does not outlive the test. */
  constructor(t: TestContext, args: readonly string[]) {
    this.#child = startCli(t, [...args, '--json'])
    this.#stderr = text(this.#child.stderr)
    this.#exit = exitOf(this.#child).finally(() => {
      this.#hasEnded = true
      this.#look()
    })
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      this.events.push(JSON.parse(line) as CliEvent)
      this.#look()
    })
  }

  /** The first event of which this holds. Rejects when it ends without one. One caller at a time. */
  until(holds: (event: CliEvent) => boolean): Promise<CliEvent> {
    return new Promise((resolve, reject) => {
      this.#look = () => {
        const found = this.events.find(holds)
        if (found !== undefined) return resolve(found)
        if (this.#hasEnded) this.#stderr.then((said) => reject(new Error(`no such event; ${said}`)), reject)
      }
      this.#look()
    })
  }

  untilPhase(phase: string): Promise<CliEvent> {
    return this.until((event) => event.phase === phase)
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** How it ends, with the last event. */
  async end(): Promise<{ code: number | null; last: CliEvent; stderr: string }> {
    const [code, stderr] = await Promise.all([this.#exit, this.#stderr])
    return { code, last: this.events.at(-1)!, stderr }
  }
}
