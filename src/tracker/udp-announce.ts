/** Announces to UDP trackers (BEP 15, BEP 41). */
import type { Announce } from './announce.js'
import type { UdpConnections } from './udp-connections.js'
import { announceQuestion, readAnnounceAnswer } from './udp-packets.js'

export function udpAnnounce(connections: UdpConnections): Announce {
  return (tracker, request, signal, onSent) =>
    connections.ask(
      tracker,
      {
        question: (connection) => {
          onSent?.()
          return announceQuestion(connection, request, tracker)
        },
        read: (packet, family) => readAnnounceAnswer(packet, family === 6 ? 16 : 4),
      },
      signal,
    )
}
