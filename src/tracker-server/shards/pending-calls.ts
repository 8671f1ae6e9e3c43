/** Calls to other processes that were not answered yet. Bounded in number and in time. */
interface PendingCall {
  readonly to: number
  readonly resolve: (answer: Buffer) => void
  readonly reject: (error: Error) => void
  /** Of the tick after which it is given up. */
  readonly lastTick: number
}

/** As many connections as a process takes, with a request each. */
const MAX_CALLS = 10_000
/** Clients of trackers wait for fifteen seconds and more. */
const LIFE_TICKS = 10

export class PendingCalls {
  /** In the order in which they were begun. */
  readonly #calls = new Map<number, PendingCall>()
  #lastNumber = 0
  #tick = 0

  /** The function sends the call, under this number. */
  begin(to: number, send: (number: number) => void): Promise<Buffer> {
    if (this.#calls.size >= MAX_CALLS) return Promise.reject(new Error('the tracker is busy'))
    const number = (this.#lastNumber + 1) | 0
    this.#lastNumber = number
    return new Promise((resolve, reject) => {
      this.#calls.set(number, { to, resolve, reject, lastTick: this.#tick + LIFE_TICKS })
      send(number)
    })
  }

  /** One that was given up is passed over. */
  answer(number: number, body: Buffer): void {
    this.#take(number)?.resolve(body)
  }

  reject(number: number, why: string): void {
    this.#take(number)?.reject(new Error(why))
  }

  /** Nobody is there any more to answer them. */
  rejectOf(to: number): void {
    for (const [number, call] of this.#calls) {
      if (call.to === to) this.reject(number, 'a worker of the tracker ended')
    }
  }

  /** Once a second. */
  tick(): void {
    this.#tick++
    for (const [number, call] of this.#calls) {
      if (call.lastTick >= this.#tick) return
      this.reject(number, 'a worker of the tracker did not answer in time')
    }
  }

  #take(number: number): PendingCall | undefined {
    const call = this.#calls.get(number)
    this.#calls.delete(number)
    return call
  }
}
