import type { LookupAddress } from 'node:dns'
import { lookup } from 'node:dns/promises'
import { TrackerError } from '../core/errors.js'
import type { UdpAddress } from './udp-sockets.js'

/** What a URL without a port means, as with HTTP. */
const DEFAULT_PORT = 80

/** At least one address, at most one of each family. Rejects with a TrackerError. */
export async function resolveTracker(tracker: URL): Promise<UdpAddress[]> {
  const port = tracker.port === '' ? DEFAULT_PORT : Number(tracker.port)
  const host = tracker.hostname.replace(/^\[|\]$/g, '')
  const found = await addressesOf(host)
  return ([4, 6] as const).flatMap((family) => {
    const first = found.find((entry) => entry.family === family)
    return first === undefined ? [] : [{ host: first.address, port, family }]
  })
}

async function addressesOf(host: string): Promise<LookupAddress[]> {
  try {
    const found = await lookup(host, { all: true })
    if (found.length > 0) return found
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? (error as Error).message
    throw new TrackerError('UNREACHABLE', `its name has no address (${reason})`, { cause: error })
  }
  throw new TrackerError('UNREACHABLE', 'its name has no address')
}
