/** Values in the order of arrival; `next` waits for one. */
export class Inbox<T> {
  readonly all: T[] = []
  readonly #waiting: ((value: T) => void)[] = []
  #taken = 0

  put(value: T): void {
    this.all.push(value)
    this.#serve()
  }

  next(): Promise<T> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      this.#serve()
    })
  }

  #serve(): void {
    while (this.#taken < this.all.length && this.#waiting.length > 0) {
      this.#waiting.shift()!(this.all[this.#taken++]!)
    }
  }
}
