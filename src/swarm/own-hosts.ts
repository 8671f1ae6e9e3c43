/**
 * What our addresses look like from outside, as peers say (BEP 10, `yourip`). Each host has one vote, the latest count,
 * and an address is believed when more than half of those who name one of its family agree, and at least three: a
 * few liars change nothing.
 */
import { ipBytes, ipText } from '../core/ip-bytes.js'

const MOST_VOTES = 50
const LEAST_AGREEING = 3

export class OwnHosts {
  /** What hosts say, in the compact form as text, the one that was heard longest ago first. */
  readonly #votes = new Map<string, string>()

  /** The peer at the host `from` sees us at this address, of 4 or 16 bytes. */
  heard(from: string, address: Uint8Array): void {
    this.#votes.delete(from)
    this.#votes.set(from, ipText(address))
    if (this.#votes.size > MOST_VOTES) this.#votes.delete(this.#votes.keys().next().value!)
  }

  /** Our address of the family of another one; undefined when nobody knows. */
  besides(host: string): string | undefined {
    const family = ipBytes(host)?.length
    const counts = new Map<string, number>()
    let all = 0
    for (const said of this.#votes.values()) {
      if (ipBytes(said)?.length !== family) continue
      counts.set(said, (counts.get(said) ?? 0) + 1)
      all++
    }
    for (const [said, count] of counts) if (count >= LEAST_AGREEING && count > all / 2) return said
    return undefined
  }
}
