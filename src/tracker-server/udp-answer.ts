/** Room for one datagram of a tracker's answer. */

/** Answers stay below what every path carries in one packet. */
export const MAX_ANSWER_BYTES = 1_400

export class UdpAnswer {
  /** Two bytes at a time, in memory's own order. */
  readonly pairs = new Uint16Array(MAX_ANSWER_BYTES / 2)
  /** The same memory. */
  readonly bytes = Buffer.from(this.pairs.buffer)
}
