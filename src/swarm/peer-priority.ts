/**
 * Canonical peer priority (BEP 40): a number that both ends of a connection compute alike, so that all peers agree
 * on whom to prefer, everybody is preferred by somebody, and whoever floods a swarm gets no more than a fair part.
 */
import { crc32c } from '../core/crc32c.js'
import { ipBytes } from '../core/ip-bytes.js'
import type { PeerAddress } from '../core/peer-address.js'

/** Higher is better. 0 for addresses that cannot be compared: of two families, or no addresses. */
export function peerPriority(own: PeerAddress, peer: PeerAddress): number {
  const [a, b] = [ipBytes(own.host), ipBytes(peer.host)]
  if (a === undefined || a.length !== b?.length) return 0
  const commonCount = a.findIndex((byte, at) => byte !== b[at])
  if (commonCount === -1) return crc32c(inOrder(portBytes(own.port), portBytes(peer.port)))
  const wholeCount = Math.max(a.length === 4 ? 2 : 6, commonCount + 1)
  return crc32c(inOrder(masked(a, wholeCount), masked(b, wholeCount)))
}

/** Of the bytes behind the first ones every second bit counts: who owns a small network can choose the others. */
function masked(address: Uint8Array, wholeCount: number): Uint8Array {
  return address.map((byte, at) => (at < wholeCount ? byte : byte & 0x55))
}

function portBytes(port: number): Uint8Array {
  return Uint8Array.of(port >> 8, port & 0xff)
}

function inOrder(a: Uint8Array, b: Uint8Array): Uint8Array {
  return Buffer.compare(a, b) <= 0 ? Buffer.concat([a, b]) : Buffer.concat([b, a])
}
