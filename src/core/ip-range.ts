/** Networks, as the addresses that begin with the same bits. */
import { ipBytes } from './ip-bytes.js'

export interface IpRange {
  readonly base: Uint8Array
  readonly bitCount: number
}

/** Such as 192.168.0.0/16. The text must be right. */
export function ipRange(cidr: string): IpRange {
  const [host, bits] = cidr.split('/')
  return { base: ipBytes(host!)!, bitCount: Number(bits) }
}

/** An address of 4 or 16 bytes; false for one of the other family. */
export function isWithin(address: Uint8Array, { base, bitCount }: IpRange): boolean {
  if (address.length !== base.length) return false
  for (let at = 0; 8 * at < bitCount; at++) {
    const mask = 0xff << Math.max(0, 8 * at + 8 - bitCount)
    if (((address[at]! ^ base[at]!) & mask & 0xff) !== 0) return false
  }
  return true
}
