/**
 * One announce, whoever brought it (HTTP or UDP), in buffers that are used again for the next: a tracker that
 * makes an object for each of a hundred thousand announces a second spends its time on collecting them.
 */
import type { AddressBytes } from '../core/compact-peers.js'

export type AnnounceEvent = 'update' | 'started' | 'completed' | 'stopped'

export const INFO_HASH_BYTES = 20
export const PEER_ID_BYTES = 20
/** An IPv6 address and a port. */
export const MAX_ENDPOINT_BYTES = 18

export class AnnounceRequest {
  readonly infoHash = new Uint8Array(INFO_HASH_BYTES)
  readonly peerId = new Uint8Array(PEER_ID_BYTES)
  /** The peer's address and port in the compact form; an IPv4 address leaves the rest unused. */
  readonly endpoint = new Uint8Array(MAX_ENDPOINT_BYTES)
  /** The same memory, two bytes at a time. */
  readonly endpointPairs = new Uint16Array(this.endpoint.buffer)
  addressBytes: AddressBytes = 4
  event: AnnounceEvent = 'update'
  /** It has everything (`left` is 0). */
  isSeed = false
  /** How many peers the announcer would like; undefined leaves it to the tracker. */
  wantedCount: number | undefined = undefined

  get port(): number {
    return (this.endpoint[this.addressBytes]! << 8) | this.endpoint[this.addressBytes + 1]!
  }

  set port(port: number) {
    this.endpoint[this.addressBytes] = port >> 8
    this.endpoint[this.addressBytes + 1] = port & 0xff
  }
}
