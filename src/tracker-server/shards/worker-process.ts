/** One worker as the first process sees it: started, given its sockets, and watched. */
import { type ChildProcess, fork, type SendHandle } from 'node:child_process'
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { WORKER_PROGRAM } from '../worker-program.js'
import { type FromWorker, POST_DESCRIPTOR, type Setup, type ToWorker } from './worker-messages.js'

/** What it takes to end is little; who takes longer hangs. */
const END_MS = 1_000

export class WorkerProcess {
  /** For the post. */
  readonly stream: Duplex
  /** Why it ended, once it did. */
  readonly ended: Promise<string>
  readonly #child: ChildProcess

  constructor() {
    this.#child = fork(WORKER_PROGRAM, [], {
      // None of those that the host was started with are for it.
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc', 'pipe'],
      serialization: 'advanced',
    })
    this.stream = this.#child.stdio[POST_DESCRIPTOR] as Duplex
    this.ended = new Promise((resolve) => {
      this.#child.on('error', (error) => resolve(error.message))
      this.#child.on('exit', (code, signal) => resolve(signal ?? `exit code ${code}`))
    })
  }

  /** Rejects when it cannot read what it needs, or ends. */
  async setUp(setup: Setup): Promise<void> {
    await this.#ask(setup, 'ready')
  }

  /** Has it answer on these sockets. Rejects when it cannot. */
  async share(sockets: readonly SendHandle[]): Promise<void> {
    for (const socket of sockets) this.#send({ kind: 'socket' }, socket)
    await this.#ask({ kind: 'serve' }, 'serving')
  }

  /** Lets go of it. */
  async end(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect()
    const timer = setTimeout(() => this.kill(), END_MS)
    await this.ended
    clearTimeout(timer)
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  async #ask(message: ToWorker, answer: FromWorker['kind']): Promise<void> {
    const heard = once(this.#child, 'message') as Promise<[FromWorker]>
    heard.catch(() => {})
    this.#send(message)
    const gone = this.ended.then((why) => Promise.reject(new Error(`it ended: ${why}`)))
    const [said] = await Promise.race([heard, gone])
    if (said.kind === 'failed') throw new Error(said.message)
    if (said.kind !== answer) throw new Error(`it said ${said.kind}`)
  }

  #send(message: ToWorker, socket?: SendHandle): void {
    // That it is gone shows by its end.
    this.#child.send(message, socket, () => {})
  }
}
