/**
 * Answers that are there at once where a swarm is in this process, and later where another worker has it. A promise
 * for each would cost a single process a fifth of its throughput.
 */
export type Eventual<T> = T | Promise<T>

/** The value with something done to it, at once when it is there. */
export function mapped<T, U>(value: Eventual<T>, change: (value: T) => U): Eventual<U> {
  return value instanceof Promise ? value.then(change) : change(value)
}

/** One text after the other. */
export function joined(before: Eventual<string>, after: Eventual<string>): Eventual<string> {
  if (typeof before === 'string' && typeof after === 'string') return before + after
  return Promise.all([before, after]).then((both) => both.join(''))
}
