/**
 * The one place where time and chance enter. Everything below `client/` gets them as arguments.
 */
export interface Clock {
  /** Monotonic milliseconds from an arbitrary origin: for durations, rates and deadlines. */
  now(): number
}

/** Uniform in [0, 1). */
export type Random = () => number

export const systemClock: Clock = { now: () => performance.now() }

export const systemRandom: Random = () => Math.random()

/** Whole seconds since 1970, for what people read: this clock may jump. */
export function unixSeconds(): number {
  return Math.floor(Date.now() / 1000)
}
