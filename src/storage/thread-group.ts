/**
 * Threads that run tasks of the piece worker: a Piscina pool with bounded queues. At most two tasks per thread are
 * with Piscina, one at work and one ready, so that a thread never idles while the event loop is busy; Piscina's
 * own queue, which rejects when it is full, stays empty. Callers beyond that wait here for their turn, first come
 * first served.
 */
import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import { StorageError } from '../core/errors.js'
import type { PieceTasks } from './piece-tasks.js'

export interface ThreadGroupOptions {
  /** Started at once, and kept when idle. */
  readonly minThreads: number
  /** Started when all others are busy, ended after ten idle seconds. */
  readonly maxThreads: number
  /** The module with the tasks of {@link PieceTasks}. */
  readonly worker: URL
}

export class ThreadGroup {
  readonly #threads: Piscina
  readonly #waiting: (() => void)[] = []
  #room: number

  constructor({ minThreads, maxThreads, worker }: ThreadGroupOptions) {
    this.#room = maxThreads * TASKS_PER_THREAD
    this.#threads = new Piscina({
      filename: fileURLToPath(worker),
      minThreads,
      maxThreads,
      idleTimeout: IDLE_MS,
      concurrentTasksPerWorker: TASKS_PER_THREAD,
      // A thread that waits for its next task in Atomics.wait wakes faster than its event loop would.
      atomics: 'sync',
      recordTiming: false,
      // Piscina would load the module with require(), and Node 20 aborts the process when a thread is ended meanwhile.
      execArgv: ['--no-experimental-require-module'],
      // Descriptors belong to the main thread.
      trackUnmanagedFds: false,
    })
    // Only said of a thread that died without a task. Its successor starts by itself or fails the next task.
    this.#threads.on('error', () => {})
  }

  /** Tasks that no thread has room for yet. */
  get waitingCount(): number {
    return this.#waiting.length
  }

  /** See `PiecePool.run`. */
  async run<Name extends keyof PieceTasks>(
    name: Name,
    work: PieceTasks[Name]['task'] | (() => PieceTasks[Name]['task']),
  ): Promise<PieceTasks[Name]['answer']> {
    await this.#takeRoom()
    try {
      const task = typeof work === 'function' ? work() : work
      return await this.#threads.run(task, { name, transferList: buffersOf(task) })
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error)
      throw new StorageError('IO_ERROR', `a storage thread failed: ${detail}`, '', { cause: error })
    } finally {
      this.#giveRoom()
    }
  }

  /** Ends the threads; nothing may be under way. */
  async close(): Promise<void> {
    await this.#threads.close()
  }

  async #takeRoom(): Promise<void> {
    if (this.#room > 0) this.#room--
    else await new Promise<void>((admit) => this.#waiting.push(admit))
  }

  /** Hands the room to whoever waits longest. */
  #giveRoom(): void {
    const admit = this.#waiting.shift()
    if (admit === undefined) this.#room++
    else admit()
  }
}

function buffersOf(task: PieceTasks[keyof PieceTasks]['task']): ArrayBuffer[] {
  if ('buffer' in task) return [task.buffer]
  return 'buffers' in task ? [...task.buffers] : []
}

const TASKS_PER_THREAD = 2
const IDLE_MS = 10_000
