/** What the UDP fronts need of a tracker. */
import type { IdHolder } from './connection-ids.js'
import type { UdpAnswer } from './udp-answer.js'

/** Who sent a datagram. The object is used again for the next one. */
export interface DatagramSource extends IdHolder {
  /** The address as a text. */
  readonly host: string
  readonly port: number
}

export interface DatagramDesk {
  /** Returns how many bytes of the answer to send; 0 for silence, or when the answer comes another way. */
  receive(packet: Buffer, source: DatagramSource, answer: UdpAnswer): number
}
