/** The addresses of peers: where one listens, who named it, and its one text. */
import { ipBytes } from './ip-bytes.js'

/** Where a peer listens. The host is an IPv4 or IPv6 address in text form, never a name. */
export interface PeerAddress {
  readonly host: string
  readonly port: number
}

/** An address as it was heard of. */
export interface FoundAddress extends PeerAddress {
  /** It is said to take encrypted connections, and perhaps no others. */
  readonly prefersEncryption?: boolean
}

/** Who named an address: the user (or the link that the user gave), or one of the ways in which peers are found. */
export type PeerSource = 'user' | 'tracker' | 'incoming' | 'lsd' | 'dht' | 'pex'

export interface SourcedAddress extends FoundAddress {
  readonly source: PeerSource
}

/** Those that say nothing else were named by the user. */
export function sourced(addresses: readonly (FoundAddress | SourcedAddress)[]): SourcedAddress[] {
  return addresses.map((address) => ({ source: 'user', ...address }))
}

/** A socket that takes both families names IPv4 peers in the form of IPv6. */
export function plainHost(host: string): string {
  return host.startsWith('::ffff:') ? host.slice('::ffff:'.length) : host
}

/** One text per address, so that the same peer from two sources is one entry. */
export function addressKey(address: PeerAddress): string {
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`
}

/**
 * What all addresses have in common that one host may use: in IPv6 it has a network of 64 bits to itself, and can be
 * somebody else at each connection.
 */
export function householdOf(host: string): string {
  const bytes = ipBytes(host)
  return bytes?.subarray(0, bytes.length === 16 ? 8 : 4).join('.') ?? host
}
