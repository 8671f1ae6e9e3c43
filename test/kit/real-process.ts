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
}

export class RealProcess {
  readonly #name: string
  readonly #child: ChildProcess
  readonly #ended: Promise<void>
  /** Standard output and standard error, mixed. */
  #said = ''
  #hasEnded = false
  #look: () => void = () => {}

  constructor(t: TestContext, command: Command) {
    this.#name = command.program
    const [program, ...args] = [
      ...END_WITH_PARENT,
      ...(command.prefix ?? []),
      command.program,
      ...command.args,
    ]
    this.#child = spawn(program!, args)
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#said += text
        this.#look()
      })
    }
    this.#ended = new Promise((resolve) => {
      this.#child.once('error', (error) => this.#end(`\n${error.message}`, resolve))
      this.#child.once('close', (code, signal) => this.#end(`\nended with ${signal ?? code}`, resolve))
    })
    t.after(() => this.kill())
  }

  /** Resolves when it has said this. Rejects when it ends before. One caller at a time. */
  says(words: RegExp): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#look = () => {
        if (words.test(this.#said)) resolve()
        else if (this.#hasEnded) reject(new Error(`${this.#name} never said ${words}:\n${this.#said}`))
      }
      this.#look()
    })
  }

  /** Asks again and again until this holds. Rejects when it ends before. */
  async until(holds: () => Promise<boolean>): Promise<void> {
    while (!(await holds())) {
      if (this.#hasEnded) throw new Error(`${this.#name} has ended:\n${this.#said}`)
      await delay(ASK_AGAIN_MS)
    }
  }

  /** Ends it without a chance to say goodbye. Resolves when it is gone. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#ended
  }

  #end(why: string, resolve: () => void): void {
    this.#said += why
    this.#hasEnded = true
    this.#look()
    resolve()
  }
}

const ASK_AGAIN_MS = 50

const END_WITH_PARENT = isInstalled('setpriv') ? ['setpriv', '--pdeathsig', 'KILL', '--'] : []
