/** A client in a process of its own, which can be watched, told to stop, or killed. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'
import type { ClientOptions, TorrentOptions } from '../../src/client/options.js'
import type { TorrentProgress } from '../../src/client/progress.js'
import type { MadeTorrent } from './made-torrent.js'
import { eventually } from './seeding.js'

export interface ClientChildPlan {
  readonly torrentPath: string
  readonly clientOptions?: ClientOptions
  /** `output` is a folder. */
  readonly torrentOptions: TorrentOptions
}

const PROGRAM = join(import.meta.dirname, 'client-child.js')

export class RunningChild {
  /** Of its client, once it listens. */
  port = 0
  /** Every snapshot so far. */
  readonly progress: TorrentProgress[] = []
  /** Errors that nobody caught. */
  readonly escaped: string[] = []
  /** What was open when everything had ended. */
  leftOpen: readonly string[] | undefined
  /** The exit code, or the signal. */
  readonly exit: Promise<number | string>
  readonly #child: ChildProcess

  constructor(t: TestContext, plan: ClientChildPlan) {
    this.#child = spawn(process.execPath, [PROGRAM, JSON.stringify(plan)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    t.after(() => this.#child.kill('SIGKILL'))
    this.exit = once(this.#child, 'close').then(([code, signal]) => (code ?? signal) as number | string)
    createInterface({ input: this.#child.stdout! }).on('line', (line) => this.#hear(line))
  }

  get latest(): TorrentProgress | undefined {
    return this.progress.at(-1)
  }

  until(holds: (progress: TorrentProgress) => boolean): Promise<void> {
    return eventually(() => this.latest !== undefined && holds(this.latest))
  }

  tell(order: 'stop' | 'close'): void {
    this.#child.stdin!.write(`${order}\n`)
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  #hear(line: string): void {
    const facts = JSON.parse(line) as {
      readonly port?: number
      readonly escaped?: string
      readonly leftOpen?: readonly string[]
      readonly phase?: string
    }
    if (facts.port !== undefined) this.port = facts.port
    if (facts.escaped !== undefined) this.escaped.push(facts.escaped)
    if (facts.leftOpen !== undefined) this.leftOpen = facts.leftOpen
    if (facts.phase !== undefined) this.progress.push(facts as TorrentProgress)
  }
}

export function startChild(
  t: TestContext,
  made: MadeTorrent,
  torrentOptions: TorrentOptions & { readonly output: string },
  clientOptions: ClientOptions = {},
): RunningChild {
  const torrentPath = `${torrentOptions.output}.torrent`
  writeFileSync(torrentPath, made.bytes)
  return new RunningChild(t, { torrentPath, torrentOptions, clientOptions })
}
