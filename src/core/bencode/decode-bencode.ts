/**
 * Bencoded bytes to values, whoever sent them: .torrent files, answers of trackers, extension messages.
 * Nothing is decoded before the gate has accepted all of it, so a decoder that trusts its input is safe here.
 */
import bencode from 'bencode'
import type { BencodeLimits, BencodeValue } from './bencode-value.js'
import { type ByteSpan, expectNoMore, scanBencode } from './scan-bencode.js'

export interface BencodeReading {
  readonly value: BencodeValue
  /** Where the value ends and whatever follows it begins, in bytes. */
  readonly end: number
  /** The raw value of the wanted key, when the value is a dictionary that has it. */
  readonly wanted: ByteSpan | undefined
}

/** The one value that the bytes hold; only white space may follow it. Throws BencodeError. */
export function decodeBencode(bytes: Uint8Array, limits: BencodeLimits): BencodeValue {
  const reading = readBencode(bytes, limits)
  expectNoMore(bytes, reading.end)
  return reading.value
}

/**
 * The value that the bytes begin with; anything may follow it, as in `ut_metadata` (BEP 9). It also tells
 * where the raw value of one key of the outermost dictionary lies. Throws BencodeError.
 */
export function readBencode(bytes: Uint8Array, limits: BencodeLimits, wantedKey?: string): BencodeReading {
  const { end, wanted } = scanBencode(bytes, limits, wantedKey)
  return { value: decodeScanned(bytes.subarray(0, end)), end, wanted }
}

function decodeScanned(bytes: Uint8Array): BencodeValue {
  try {
    return toSafeValue(bencode.decode(bytes))
  } finally {
    bencode.decode.data = null
  }
}

/** Recursion is no danger: the gate has bounded the depth. Lists change in place to keep the peak low. */
function toSafeValue(raw: unknown): BencodeValue {
  if (typeof raw === 'number') return raw
  if (raw instanceof Uint8Array) return toBuffer(raw)
  if (Array.isArray(raw)) {
    for (let i = 0; i < raw.length; i++) raw[i] = toSafeValue(raw[i])
    return raw
  }
  const dict = new Map<string, BencodeValue>()
  for (const [key, value] of Object.entries(raw as object)) dict.set(key, toSafeValue(value))
  return dict
}

/** A view of each of a million short strings costs more, in time and memory, than a copy into the pool. */
function toBuffer(bytes: Uint8Array): Buffer {
  if (bytes.length < COPIED_BYTES) return Buffer.from(bytes)
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

const COPIED_BYTES = 1024
