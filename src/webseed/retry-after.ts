/** When a server that is busy wants to be asked again: a number of seconds, or a date. */
import { LIMITS } from '../config.js'

/** In milliseconds from now, within LIMITS; undefined when the header says nothing that can be understood. */
export function parseRetryAfter(text: string | undefined, unixSeconds: number): number | undefined {
  if (text === undefined) return undefined
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : Date.parse(text) / 1000 - unixSeconds
  if (Number.isNaN(seconds)) return undefined
  return Math.min(LIMITS.webSeedRetryAfterMs, Math.max(0, seconds * 1000))
}
