/** The text of an IP address as bytes, without objects on the way: each announce needs it. */
import type { AddressBytes } from './compact-peers.js'

/**
 * Writes the address to the start of the target and returns how many bytes it has; undefined when the text
 * is no address. IPv4 in IPv6's clothes (`::ffff:192.0.2.1`) is the IPv4 address it is; a zone is left out.
 */
export function writeIp(text: string, target: Uint8Array): AddressBytes | undefined {
  if (writeIpv4(text, 0, target, 0)) return 4
  const zone = text.indexOf('%')
  const address = zone === -1 ? text : text.slice(0, zone)
  if (!isIpv6(address)) return undefined
  writeIpv6(address, target)
  if (!isMapped(target)) return 16
  target.copyWithin(0, 12, 16)
  return 4
}

/** The address as 4 or 16 bytes; undefined when the text is no address. */
export function ipBytes(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(16)
  const width = writeIp(text, bytes)
  return width === undefined ? undefined : bytes.subarray(0, width)
}

/** The text of an address in the compact form. */
export function ipText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.')
  const groups: string[] = []
  for (let at = 0; at < 16; at += 2) groups.push(((bytes[at]! << 8) | bytes[at + 1]!).toString(16))
  return groups.join(':')
}

const DOT = 46
const ZERO = 48

/** From `from` to the end of the text. Strict: four numbers without leading zeros. */
function writeIpv4(text: string, from: number, target: Uint8Array, at: number): boolean {
  let value = -1
  let part = 0
  for (let place = from; place < text.length; place++) {
    const digit = text.charCodeAt(place) - ZERO
    if (digit >= 0 && digit <= 9) {
      if (value === 0) return false
      value = value === -1 ? digit : value * 10 + digit
      if (value > 255) return false
    } else {
      if (text.charCodeAt(place) !== DOT || value === -1 || part === 3) return false
      target[at + part++] = value
      value = -1
    }
  }
  target[at + part] = value
  return part === 3 && value !== -1
}

function isIpv6(text: string): boolean {
  return IPV6_LETTERS.test(text) && URL.canParse(`http://[${text}]`)
}

const IPV6_LETTERS = /^[0-9a-f:.]{2,45}$/i

/** The text must be valid. */
function writeIpv6(text: string, target: Uint8Array): void {
  const [head, tail] = text.split('::') as [string, string | undefined]
  const headBytes = groupBytes(head)
  const tailBytes = groupBytes(tail ?? '')
  target.fill(0, 0, 16)
  target.set(headBytes)
  target.set(tailBytes, 16 - tailBytes.length)
}

function groupBytes(text: string): number[] {
  if (text === '') return []
  return text.split(':').flatMap((group) => {
    if (group.includes('.')) return group.split('.').map(Number)
    const value = Number.parseInt(group, 16)
    return [value >> 8, value & 0xff]
  })
}

function isMapped(bytes: Uint8Array): boolean {
  for (let at = 0; at < 10; at++) if (bytes[at] !== 0) return false
  return bytes[10] === 0xff && bytes[11] === 0xff
}
