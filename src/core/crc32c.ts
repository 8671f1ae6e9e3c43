/** CRC-32C (Castagnoli), the checksum of iSCSI and of BEP 40. */

/** An unsigned number of 32 bits. */
export function crc32c(bytes: Uint8Array): number {
  let sum = ~0
  for (const byte of bytes) sum = (sum >>> 8) ^ TABLE[(sum ^ byte) & 0xff]!
  return ~sum >>> 0
}

/** The polynomial, with its lowest power in the highest bit. */
const POLYNOMIAL = 0x82f6_3b78

const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte
  for (let bit = 0; bit < 8; bit++) sum = (sum & 1) === 0 ? sum >>> 1 : (sum >>> 1) ^ POLYNOMIAL
  return sum
})
