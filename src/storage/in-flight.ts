/** Knows which calls of an owner are under way, so that closing it can wait for them and refuse new ones. */
import { OptionError } from '../core/errors.js'

export class InFlight {
  readonly #owner: string
  readonly #calls = new Set<Promise<unknown>>()
  #closed = false

  /** @param owner what to call it in the error, such as "storage" */
  constructor(owner: string) {
    this.#owner = owner
  }

  /** Starts the call at once. Throws `OptionError` CLOSED after `close()`. */
  async run<T>(call: () => Promise<T>): Promise<T> {
    this.throwIfClosed()
    const running = call()
    this.#calls.add(running)
    try {
      return await running
    } finally {
      this.#calls.delete(running)
    }
  }

  /** For long calls: a good moment to stop. */
  throwIfClosed(): void {
    if (this.#closed) throw new OptionError('CLOSED', `the ${this.#owner} is closed`)
  }

  /** Refuses new calls and waits until those under way have ended, well or badly. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.allSettled(this.#calls)
  }
}
