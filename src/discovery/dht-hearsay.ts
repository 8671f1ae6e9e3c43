/**
 * Which addresses a node of the DHT may tell of. A node somewhere on the internet has no business with the
 * networks behind ours, whatever it says; one on this machine or beside it may know of neighbours. So nobody
 * tells of what is more private than where he is, and nobody of what is no host's address. The same goes for
 * what we tell.
 */
import { type AddressKind, addressKind } from '../core/address-kind.js'
import { COMPACT_NODE_BYTES, COMPACT_PEER_BYTES } from '../wire/dht-messages.js'

/** Compact nodes without those that a node at `teller` may not tell of; at most `mostCount`. */
export function plausibleNodes(nodes: Buffer, teller: string, mostCount: number): Buffer {
  const kept: Buffer[] = []
  for (let at = 0; at < nodes.length && kept.length < mostCount; at += COMPACT_NODE_BYTES) {
    const node = nodes.subarray(at, at + COMPACT_NODE_BYTES)
    if (isPlausible(node.subarray(ID_BYTES), teller)) kept.push(node)
  }
  return Buffer.concat(kept)
}

/** The same for compact peers. */
export function plausiblePeers(peers: readonly Buffer[], teller: string, mostCount: number): Buffer[] {
  return peers.filter((peer) => isPlausible(peer, teller)).slice(0, mostCount)
}

/** Hosts are IPv4 addresses as text. */
export function mayTellOf(teller: string, told: string): boolean {
  const privacy = PRIVACY[addressKind(told)]
  return privacy !== undefined && privacy <= (PRIVACY[addressKind(teller)] ?? 0)
}

/** Nothing for what no host has. */
const PRIVACY: Readonly<Partial<Record<AddressKind, number>>> = {
  public: 0,
  private: 1,
  'link-local': 1,
  loopback: 2,
}

const ID_BYTES = COMPACT_NODE_BYTES - COMPACT_PEER_BYTES

function isPlausible(compact: Buffer, teller: string): boolean {
  return compact.readUInt16BE(4) > 0 && mayTellOf(teller, compact.subarray(0, 4).join('.'))
}
