/** A host has no address that may be connected to. Its cure is another host, or that the user allows it. */
export class ForbiddenAddressError extends Error {
  override readonly name = 'ForbiddenAddressError'
  readonly code = 'FORBIDDEN_ADDRESS'

  /** `kind` as the address rule calls it, such as `loopback`. */
  constructor(host: string, address: string, kind: string) {
    const at = host === address ? '' : ` (${address})`
    super(`${host}${at} is a ${kind} address: only --allow-private lets torrents lead there`)
  }
}
