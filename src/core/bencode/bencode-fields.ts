/**
 * Typed looks into decoded bencode. Each gives undefined when the value is absent or of another kind, so
 * that a reader says in one line what it needs and decides itself whether it can do without.
 */
import type { BencodeDict, BencodeValue } from './bencode-value.js'

export function asDict(value: BencodeValue | undefined): BencodeDict | undefined {
  return value instanceof Map ? value : undefined
}

export function asList(value: BencodeValue | undefined): readonly BencodeValue[] | undefined {
  return Array.isArray(value) ? value : undefined
}

export function asBytes(value: BencodeValue | undefined): Buffer | undefined {
  return Buffer.isBuffer(value) ? value : undefined
}

/** Safe integers only: what lies beyond them has lost its last digits. */
export function asInteger(value: BencodeValue | undefined): number | undefined {
  return Number.isSafeInteger(value) ? (value as number) : undefined
}

export function dictField(dict: BencodeDict, key: string): BencodeDict | undefined {
  return asDict(dict.get(key))
}

export function listField(dict: BencodeDict, key: string): readonly BencodeValue[] | undefined {
  return asList(dict.get(key))
}

export function bytesField(dict: BencodeDict, key: string): Buffer | undefined {
  return asBytes(dict.get(key))
}

export function integerField(dict: BencodeDict, key: string): number | undefined {
  return asInteger(dict.get(key))
}
