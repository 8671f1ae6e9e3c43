/** The two promises that a torrent keeps: how it went, and that nothing of it is left. */
export class Outcome<Result> {
  /** Settled once, by the first call. */
  readonly done: Promise<Result>
  /** Resolves after `done` is settled. */
  readonly ended: Promise<void>
  resolve!: (result: Result) => void
  reject!: (error: Error) => void
  end!: () => void

  constructor() {
    this.done = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
    this.done.catch(() => {}) // a caller that does not wait for it is not to be punished for its failure
    this.ended = new Promise((resolve) => {
      this.end = resolve
    })
  }
}
