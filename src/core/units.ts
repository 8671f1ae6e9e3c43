/**
 * Amounts as people write and read them. Units are binary, as in wget and aria2: K is 1,024, M is 1,024 K.
 */

/**
 * `20M`, `1.5G`, `512K`, `16KiB` or plain bytes as a whole number of bytes. Undefined when it is none of
 * these: a decimal `MB` or a bit unit is refused rather than guessed at.
 */
export function parseBytes(text: string): number | undefined {
  const match = /^(\d{1,16}(?:\.\d{1,9})?)(?:([kmgt])(?:ib)?|b)?$/i.exec(text.trim())
  if (match === null) return undefined
  const exponent = match[2] === undefined ? 0 : 'kmgt'.indexOf(match[2].toLowerCase()) + 1
  const bytes = Math.round(Number(match[1]) * 1024 ** exponent)
  return Number.isSafeInteger(bytes) ? bytes : undefined
}

/** Short, in the unit that fits: `512 B`, `16 KiB`, `1.5 GiB`, `117 MiB`. */
export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  // A value that would be rounded to 1,024 belongs to the next unit.
  while (value >= 1023.5 && unit < UNITS.length - 1) {
    value /= 1024
    unit++
  }
  return `${short(value)} ${UNITS[unit]!}`
}

export function formatRate(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond)}/s`
}

/** The two largest units: `0.4s`, `12s`, `3m 05s`, `2h 05m`, `3d 04h`. */
export function formatDuration(seconds: number): string {
  if (seconds < 9.95) return `${short(Math.round(seconds * 10) / 10)}s`
  const whole = Math.round(seconds)
  if (whole < MINUTE) return `${whole}s`
  if (whole < HOUR) return `${Math.floor(whole / MINUTE)}m ${twoDigits(whole % MINUTE)}s`
  if (whole < DAY) return `${Math.floor(whole / HOUR)}h ${twoDigits(Math.floor((whole % HOUR) / MINUTE))}m`
  return `${Math.floor(whole / DAY)}d ${twoDigits(Math.floor((whole % DAY) / HOUR))}h`
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

function short(value: number): string {
  return Number.isInteger(value) || value >= 99.95 ? value.toFixed(0) : value.toFixed(1)
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}
