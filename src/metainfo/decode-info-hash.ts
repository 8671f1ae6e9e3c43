/**
 * The texts that stand for an info hash: 40 hex digits, or 32 of base32 (RFC 4648) as old magnet links have
 * it.
 */
import type { InfoHash } from './metainfo.js'

/** Undefined for any other text. */
export function decodeInfoHash(text: string): InfoHash | undefined {
  if (HEX.test(text)) return infoHashOf(Buffer.from(text, 'hex'))
  return BASE32.test(text) ? infoHashOf(decodeBase32(text.toUpperCase())) : undefined
}

/** The SHA-256 of BitTorrent v2 (BEP 52), which says nothing of a v1 info hash. */
export function isV2InfoHash(text: string): boolean {
  return /^[0-9a-f]{64}$/i.test(text)
}

const HEX = /^[0-9a-f]{40}$/i
const BASE32 = /^[a-z2-7]{32}$/i
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

function infoHashOf(bytes: Buffer): InfoHash {
  return { hex: bytes.toString('hex'), bytes: Uint8Array.from(bytes) }
}

/** 32 digits of 5 bits are exactly 20 bytes. */
function decodeBase32(text: string): Buffer {
  let value = 0n
  for (const digit of text) value = value * 32n + BigInt(DIGITS.indexOf(digit))
  return Buffer.from(value.toString(16).padStart(40, '0'), 'hex')
}
