/** Where a peer listens. The host is an IPv4 or IPv6 address in text form, never a name. */
export interface PeerAddress {
  readonly host: string
  readonly port: number
}

/** One text per address, so that the same peer from two sources is one entry. */
export function addressKey(address: PeerAddress): string {
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`
}
