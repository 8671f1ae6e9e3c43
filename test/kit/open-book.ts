import type { PeerAddress } from '../../src/core/peer-address.js'
import { type BookView, PeerBook } from '../../src/swarm/peer-book.js'

/** Its dice lie in the middle unless told: a pause is neither stretched nor shortened. */
export function openBook(limit: number, view: Partial<BookView> = {}): PeerBook {
  const plain = { random: () => 0.5, isOwn: () => false, priorityOf: () => 0, priorityVersion: 0 }
  return new PeerBook(limit, { ...plain, ...view })
}

/** On a private network, where as many may live as there are numbers. */
export function neighbour(number: number): PeerAddress {
  return { host: `10.0.${number >> 8}.${number & 255}`, port: 6881 }
}
