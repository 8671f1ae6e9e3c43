/**
 * Real programs as child processes: what they say can be waited for, and none outlives its test. On Linux they also
 * end with the process that runs the test, whatever ends that, except those that change their user.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import type { TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { isInstalled } from '../../bench/installed.js'

export interface Command {
  readonly program: string
  readonly args: readonly string[]
  /** Words that run a command somewhere else, such as in a network namespace. */
  readonly prefix?: readonly string[]
  readonly cwd?: string
}

export class RealProcess {
  readonly #name: string
  readonly #child: ChildProcess
  /** The exit code; null when a signal ended it. */
  readonly exitCode: Promise<number | null>
  /** Standard output and standard error, mixed. */
  #said = ''
  /** How it ended. */
  #why: string | undefined
  #look: () => void = () => {}

  constructor(t: TestContext, command: Command) {
    this.#name = command.program
    const [program, ...args] = [
      ...END_WITH_PARENT,
      ...(command.prefix ?? []),
      command.program,
      ...command.args,
    ]
    this.#child = spawn(program!, args, { cwd: command.cwd })
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#said += text
        this.#look()
      })
    }
    this.exitCode = new Promise((resolve) => {
      this.#child.once('error', (error) => this.#end(error.message))
      this.#child.once('close', (code) => {
        this.#end(`ended with ${code}`)
        resolve(code)
      })
    })
    t.after(() => this.kill())
  }

  /** Resolves when it has said this. Rejects when it ends before. One caller at a time. */
  says(words: RegExp): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#look = () => {
        if (words.test(this.#said)) resolve()
        else if (this.#why !== undefined) reject(this.#tooLate(`never said ${words}`))
      }
      this.#look()
    })
  }

  /** Asks again and again until this holds. Rejects when it ends before. */
  async until(holds: () => Promise<boolean>): Promise<void> {
    while (!(await holds())) {
      if (this.#why !== undefined) throw this.#tooLate('was not asked in time')
      await delay(ASK_AGAIN_MS)
    }
  }

  get said(): string {
    return this.#said
  }

  /** Writes a line to its standard input. */
  tell(line: string): void {
    this.#child.stdin!.write(`${line}\n`)
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  /** Ends it without a chance to say goodbye. Resolves when it is gone. */
  async kill(): Promise<void> {
    this.signal('SIGKILL')
    await this.exitCode
  }

  #tooLate(what: string): Error {
    return new Error(`${this.#name} ${what}, but ${this.#why}:\n${this.#said}`)
  }

  #end(why: string): void {
    this.#why = why
    this.#look()
  }
}

const ASK_AGAIN_MS = 50

/** Put in front of a command, it ends when this process does. */
export const END_WITH_PARENT: readonly string[] = isInstalled('setpriv')
  ? ['setpriv', '--pdeathsig', 'KILL', '--']
  : []
