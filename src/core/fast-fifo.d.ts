/** The package ships no types. */
declare module 'fast-fifo' {
  export default class FastFifo<T> {
    readonly length: number
    push(item: T): void
    shift(): T | undefined
    peek(): T | undefined
    isEmpty(): boolean
    clear(): void
  }
}
