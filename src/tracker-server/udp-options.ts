/**
 * The options that may follow a UDP announce (BEP 41). They hold the path and query of the tracker's URL,
 * of which this tracker needs nothing; they are read so that a broken packet is known for one.
 */
const END_OF_OPTIONS = 0
const NOP = 1

/** Where the options end; undefined when they reach beyond the packet. Options not known are passed over. */
export function urlDataEnd(packet: Uint8Array, start: number): number | undefined {
  let at = start
  while (at < packet.length) {
    const type = packet[at++]!
    if (type === END_OF_OPTIONS) return at
    if (type === NOP) continue
    const length = packet[at]
    if (length === undefined || at + 1 + length > packet.length) return undefined
    at += 1 + length
  }
  return at
}
