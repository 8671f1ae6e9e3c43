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

/** `90`, `0.25`, `90m`, `12h` or `7d` as milliseconds, at least so many; without a unit it is seconds. */
export function duration(leastMs: number): (text: string) => number {
  return (text) => {
    const match = /^(\d{1,9}(?:\.\d{1,9})?)([smhd])?$/.exec(text)
    const ms = Math.round(Number(match?.[1]) * MS_PER_UNIT[match?.[2] ?? 's']!)
    if (ms >= leastMs && ms <= MAX_DURATION_MS) return ms
    const least = leastMs > 0 ? 'more than 0, ' : ''
    throw new InvalidArgumentError(`It must be seconds, or such as 90m, 12h or 7d: ${least}at most 3650d.`)
  }
}

/** How many times the size: `0`, `1.5`. */
export function ratio(text: string): number {
  if (/^\d{1,6}(\.\d{1,6})?$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a number from 0 to 999999, such as 1.5.')
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

/** As {@link hostPort}, of a node of the DHT, which is IPv4 only. */
export function nodeHostPort(text: string): HostPort {
  if (!text.startsWith('[')) return hostPort(text)
  throw new InvalidArgumentError('It must be HOST:PORT of an IPv4 address or a name: the DHT is IPv4 only.')
}

/** `https://mirror.example/pub/` */
export function webUrl(text: string): string {
  if (/^https?:\/\//i.test(text) && URL.canParse(text)) return text
  throw new InvalidArgumentError('It must be a URL that begins with http: or https:.')
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

const MS_PER_UNIT: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const MAX_DURATION_MS = 3_650 * 86_400_000
