import { TrackerError } from '../core/errors.js'
import { ForbiddenAddressError } from '../core/forbidden-address.js'
import { type Family, lookUp } from '../net/look-up.js'
import type { UdpAddress } from './udp-sockets.js'

/** A UDP tracker as it is asked over one family of addresses. */
export interface UdpTracker {
  readonly url: URL
  readonly family: Family
  readonly mayBePrivate: boolean
}

/** What a URL without a port means, as with HTTP. */
const DEFAULT_PORT = 80

/** Rejects with a TrackerError (`UNREACHABLE`, `FORBIDDEN_ADDRESS`). */
export async function resolveTracker({ url, family, mayBePrivate }: UdpTracker): Promise<UdpAddress> {
  try {
    const [first] = await lookUp(url.hostname, { family, mayBePrivate })
    return { host: first!.address, port: url.port === '' ? DEFAULT_PORT : Number(url.port), family }
  } catch (error) {
    if (error instanceof ForbiddenAddressError) {
      throw new TrackerError(error.code, error.message, { cause: error })
    }
    const reason = (error as NodeJS.ErrnoException).code ?? (error as Error).message
    throw new TrackerError('UNREACHABLE', `its name has no address (${reason})`, { cause: error })
  }
}
