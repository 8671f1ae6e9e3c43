/**
 * The threads that hash, write and read, for all torrents of a client; and a few more, when there are tasks for them,
 * that only wait for the disk, so that nobody who hashes or writes waits with them.
 *
 * Every queue is bounded: those who wait for a thread hold the buffer that they want to hand in, or are to be few
 * by themselves, so their number is bounded by the memory budget.
 */
import { DEFAULTS } from '../config.js'
import { InFlight } from './in-flight.js'
import type { PieceTasks } from './piece-tasks.js'
import { ThreadGroup } from './thread-group.js'

export interface PiecePoolOptions {
  /** Started at once, and kept when idle. */
  readonly minThreads?: number
  /** Started when all others are busy, ended after ten idle seconds. */
  readonly maxThreads?: number
  /** The module with the tasks of {@link PieceTasks}. */
  readonly worker?: URL
}

/** What a disk that takes its time is asked for. The more at once, the more it settles in one go. */
export const SYNC_THREADS = 4

export class PiecePool {
  readonly threadCount: number
  readonly #worker: URL
  readonly #threads: ThreadGroup
  #syncThreads: ThreadGroup | undefined
  readonly #calls = new InFlight('piece pool')

  constructor(options: PiecePoolOptions = {}) {
    this.threadCount = options.maxThreads ?? DEFAULTS.workers
    this.#worker = options.worker ?? PIECE_WORKER
    this.#threads = new ThreadGroup({
      minThreads: Math.min(options.minThreads ?? 1, this.threadCount),
      maxThreads: this.threadCount,
      worker: this.#worker,
    })
  }

  /** Tasks that no thread has room for yet. */
  get waitingCount(): number {
    return this.#threads.waitingCount
  }

  /**
   * Runs a task when there is room for it, and makes it only then if it is a function; its buffers, if it has any,
   * are detached then and come back with the answer. Rejects with `StorageError` IO_ERROR, its path empty, when
   * the thread dies. Trouble with the disk is part of the answer.
   */
  run<Name extends keyof PieceTasks>(
    name: Name,
    work: PieceTasks[Name]['task'] | (() => PieceTasks[Name]['task']),
  ): Promise<PieceTasks[Name]['answer']> {
    return this.#calls.run(() => {
      const threads = name === 'syncFiles' ? this.#openSyncThreads() : this.#threads
      return threads.run(name, work)
    })
  }

  /** Finishes the tasks in flight and ends the threads. */
  async close(): Promise<void> {
    await this.#calls.close()
    await Promise.all([this.#threads.close(), this.#syncThreads?.close()])
  }

  #openSyncThreads(): ThreadGroup {
    this.#syncThreads ??= new ThreadGroup({ minThreads: 0, maxThreads: SYNC_THREADS, worker: this.#worker })
    return this.#syncThreads
  }
}

const PIECE_WORKER = new URL('../../workers/piece-worker.js', import.meta.url)
