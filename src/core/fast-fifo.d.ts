/** The package ships no types. */
declare module 'fast-fifo' {
  class FastFifo<T> {
    readonly length: number
    push(item: T): void
    shift(): T | undefined
    isEmpty(): boolean
  }
  export = FastFifo
}
