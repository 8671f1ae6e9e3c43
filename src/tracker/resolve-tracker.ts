/** From the URL of a UDP tracker to the addresses that it is asked at. */
import { TrackerError } from '../core/errors.js'
import { ForbiddenAddressError } from '../core/forbidden-address.js'
import { type Family, lookUp, type Resolver } from '../net/look-up.js'
import type { UdpAddress } from './udp-sockets.js'

/** A UDP tracker as it is asked over one family of addresses. */
export interface UdpTracker {
  readonly url: URL
  readonly family: Family
  readonly mayBePrivate: boolean
}

/** What a URL without a port means, as with HTTP. */
const DEFAULT_PORT = 80
/** Of one name: more than any tracker has servers, and soon tried. */
const MOST_ADDRESSES = 4

/** At least one address, in the order to try them. Rejects with a TrackerError (`UNREACHABLE`, `FORBIDDEN_ADDRESS`). */
export async function resolveTracker(
  { url, family, mayBePrivate }: UdpTracker,
  resolver?: Resolver,
): Promise<UdpAddress[]> {
  try {
    const found = await lookUp(url.hostname, { family, mayBePrivate, resolver })
    const port = url.port === '' ? DEFAULT_PORT : Number(url.port)
    return found.slice(0, MOST_ADDRESSES).map(({ address: host }) => ({ host, port, family }))
  } catch (error) {
    if (error instanceof ForbiddenAddressError) {
      throw new TrackerError(error.code, error.message, { cause: error })
    }
    const reason = (error as NodeJS.ErrnoException).code ?? (error as Error).message
    throw new TrackerError('UNREACHABLE', `its name has no address (${reason})`, { cause: error })
  }
}
