import bencode from 'bencode'
import type { Bencodable } from './bencode-value.js'

/**
 * Encodes with the keys in order (BEP 3). Throws RangeError for a number that is not a safe integer: bencode
 * has no fractions, and a rounded integer would be a lie.
 */
export function encodeBencode(value: Bencodable): Buffer {
  expectEncodable(value)
  const bytes = bencode.encode(value)
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function expectEncodable(value: Bencodable | undefined): void {
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new RangeError(`${value} cannot be bencoded`)
  } else if (typeof value === 'object' && !(value instanceof Uint8Array)) {
    const parts = value instanceof Map ? value.values() : Object.values(value)
    for (const part of parts) expectEncodable(part)
  }
}
