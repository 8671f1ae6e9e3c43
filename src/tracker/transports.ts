/** How announces go out, by the scheme of a tracker's URL. */
import type { PrivateReach } from '../core/private-reach.js'
import type { AnnounceTable } from './announce.js'
import { overBothFamilies } from './both-families.js'
import { httpAnnounce } from './http-announce.js'
import type { HttpConnections } from './http-connections.js'
import { udpAnnounce } from './udp-announce.js'
import type { UdpConnections } from './udp-connections.js'

/** What announces go out over; whoever opened it closes it. */
export interface TrackerConnections {
  readonly http: HttpConnections
  readonly udp: UdpConnections
}

/**
 * Every kind of tracker that is spoken to: the one list, in which a new kind takes a line. `reach` says which of
 * a torrent's trackers may have private addresses.
 */
export function trackerTransports(connections: TrackerConnections, reach: PrivateReach): AnnounceTable {
  const http = overBothFamilies((family) => httpAnnounce(connections.http, { family, reach }))
  const udp = overBothFamilies((family) => udpAnnounce(connections.udp, { family, reach }))
  return new Map([
    ['http:', http],
    ['https:', http],
    ['udp:', udp],
  ])
}
