/** Announces to UDP trackers (BEP 15, BEP 41). */
import { mayBePrivate, type PrivateReach } from '../core/private-reach.js'
import type { Family } from '../net/look-up.js'
import type { Announce } from './announce.js'
import { toldPeers } from './told-peers.js'
import type { UdpConnections } from './udp-connections.js'
import { announceQuestion, type ConnectionId, readAnnounceAnswer } from './udp-packets.js'

export interface UdpAnnounceOptions {
  readonly family: Family
  /** Which trackers may have private addresses. */
  readonly reach: PrivateReach
}

/** Over one family of addresses. */
export function udpAnnounce(connections: UdpConnections, { family, reach }: UdpAnnounceOptions): Announce {
  return async (url, request, signal, onSent) => {
    const tracker = { url, family, mayBePrivate: await mayBePrivate(url.hostname, reach) }
    const exchange = {
      question: (connection: ConnectionId) => {
        onSent?.()
        return announceQuestion(connection, request, url)
      },
      read: (packet: Buffer) => readAnnounceAnswer(packet, family === 6 ? 16 : 4),
    }
    const { peers, ...told } = await connections.ask(tracker, exchange, signal)
    return { ...told, peers: toldPeers(peers, tracker.mayBePrivate) }
  }
}
