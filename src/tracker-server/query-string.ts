/** The pieces of a URL's query, read in place: keys, numbers, and bytes behind percent signs. */

/** Hears of each `key=value`; the value stands between two places of the text. */
export interface ParameterReader {
  parameter(key: string, from: number, end: number): void
}

const AMPERSAND = 38
const EQUALS = 61
const PERCENT = 37
const ZERO = 48

/** In order, from `from` to the end of the text. What has no key or no equals sign is passed over. */
export function eachParameter(text: string, from: number, reader: ParameterReader): void {
  let start = from
  let equals = -1
  for (let at = from; at <= text.length; at++) {
    const code = at === text.length ? AMPERSAND : text.charCodeAt(at)
    if (code === EQUALS && equals === -1) equals = at
    if (code !== AMPERSAND) continue
    if (equals > start) reader.parameter(text.slice(start, equals), equals + 1, at)
    start = at + 1
    equals = -1
  }
}

/** A whole number in digits. Undefined when it is none; what is more than `most` is `most`. */
export function readNumber(text: string, from: number, end: number, most: number): number | undefined {
  if (from === end) return undefined
  let value = 0
  for (let at = from; at < end; at++) {
    const digit = text.charCodeAt(at) - ZERO
    if (digit < 0 || digit > 9) return undefined
    value = Math.min(value * 10 + digit, most)
  }
  return value
}

/**
 * Writes the bytes to the target. Returns how many there are, or -1 for a broken escape or too many of
 * them.
 */
export function readPercentEncoded(text: string, from: number, end: number, target: Uint8Array): number {
  let count = 0
  for (let at = from; at < end; at++) {
    if (count === target.length) return -1
    let byte = text.charCodeAt(at)
    if (byte === PERCENT) {
      const high = at + 2 < end ? hexValue(text.charCodeAt(at + 1)) : -1
      const low = at + 2 < end ? hexValue(text.charCodeAt(at + 2)) : -1
      if (high === -1 || low === -1) return -1
      byte = high * 16 + low
      at += 2
    }
    target[count++] = byte
  }
  return count
}

function hexValue(code: number): number {
  if (code >= 48 && code <= 57) return code - 48
  const letter = (code | 32) - 97
  return letter >= 0 && letter <= 5 ? letter + 10 : -1
}
