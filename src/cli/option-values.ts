/**
 * The texts of options become values here, or the usage error that names the option (commander puts the
 * option's name before these messages).
 */
import { InvalidArgumentError } from 'commander'
import { parseBytes } from '../core/units.js'

/** A host may still be a name. */
export interface HostPort {
  readonly host: string
  readonly port: number
}

export function wholeNumber(from: number, to: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (value >= from && value <= to) return value
    throw new InvalidArgumentError(`It must be a whole number from ${from} to ${to}.`)
  }
}

/** Seconds, fractions allowed, as milliseconds. */
export function secondsAsMs(text: string): number {
  const ms = /^\d{1,9}(\.\d{1,9})?$/.test(text) ? Math.round(Number(text) * 1000) : 0
  if (ms >= 1 && ms <= MAX_TIMER_MS) return ms
  throw new InvalidArgumentError(`It must be seconds, more than 0 and at most ${MAX_TIMER_MS / 1000}.`)
}

/** `20M` as bytes per second. */
export function rate(text: string): number {
  const bytesPerSecond = parseBytes(text.replace(/\/s$/, ''))
  if (bytesPerSecond !== undefined && bytesPerSecond >= MIN_RATE) return bytesPerSecond
  throw new InvalidArgumentError('It must be bytes per second, at least 1K, such as 512K, 20M or 1.5G.')
}

/** `203.0.113.5:6881`, `[2001:db8::1]:6881` or `host.example:6881`. */
export function hostPort(text: string): HostPort {
  const match = /^(?:\[([0-9a-f:.]{2,45})\]|([a-z0-9._-]{1,253})):(\d{1,5})$/i.exec(text)
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[3])
  if (host !== undefined && port >= 1 && port <= 65_535) return { host, port }
  throw new InvalidArgumentError('It must be HOST:PORT, an IPv6 address in brackets.')
}

/** Digits are a file's number as `show` lists it; everything else is a glob. */
export function fileSelector(text: string): string | number {
  if (text === '') throw new InvalidArgumentError('It must be a glob or the number of a file.')
  return /^\d{1,9}$/.test(text) ? Number(text) : text
}

/** For an option that may come several times. */
export function repeated<T>(parse: (text: string) => T): (text: string, earlier: T[] | undefined) => T[] {
  return (text, earlier) => [...(earlier ?? []), parse(text)]
}

const MIN_RATE = 1_024

/** Node's timers hold no more than 31 bits of milliseconds. */
const MAX_TIMER_MS = 2_147_483_000
