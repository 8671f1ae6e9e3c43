import type { AnnounceTable } from './announce.js'
import { httpAnnounce } from './http-announce.js'
import type { HttpConnections } from './http-connections.js'

/** Every kind of tracker that is spoken to: the one list, in which a new kind takes a line. */
export function trackerTransports(connections: HttpConnections): AnnounceTable {
  const http = httpAnnounce(connections.send)
  return new Map([
    ['http:', http],
    ['https:', http],
  ])
}
