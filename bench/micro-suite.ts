/** What a file of `bench/micro/` gives: things to run over and over, set up and ready. */

export interface MicroTask {
  readonly name: string
  /** Payload bytes that one run handles, where speed in bytes means something. */
  readonly bytes?: number
  /** An `async` function if it answers with a promise: other functions are tried once without waiting. */
  readonly run: () => unknown
}

export interface MicroSuite {
  readonly tasks: readonly MicroTask[]
  /** Lets go of threads and files. */
  readonly close?: () => Promise<void>
}
