/**
 * Which addresses a node of the DHT may tell of: none that is nearer to us than he is, since he cannot know
 * who is there, and none with a port below 1,024, where the services of others are. The same goes for what we
 * tell.
 */
import { LIMITS } from '../config.js'
import { mayTellOf } from '../core/address-reach.js'
import { COMPACT_NODE_BYTES, COMPACT_PEER_BYTES } from '../wire/dht-messages.js'

/** Compact nodes without those that a node at the host `teller` may not tell of; at most `mostCount`. */
export function plausibleNodes(nodes: Buffer, teller: string, mostCount: number): Buffer {
  const kept: Buffer[] = []
  for (let at = 0; at < nodes.length && kept.length < mostCount; at += COMPACT_NODE_BYTES) {
    const node = nodes.subarray(at, at + COMPACT_NODE_BYTES)
    if (isPlausible(node.subarray(ID_BYTES), teller)) kept.push(node)
  }
  return Buffer.concat(kept)
}

/** The same for compact peers. Of one torrent there may be tens of thousands: only the first of them are looked at. */
export function plausiblePeers(peers: readonly Buffer[], teller: string, mostCount: number): Buffer[] {
  const kept: Buffer[] = []
  for (const peer of peers.slice(0, LOOKED_AT * mostCount)) {
    if (kept.length === mostCount) break
    if (isPlausible(peer, teller)) kept.push(peer)
  }
  return kept
}

/** For each that is to be kept. */
const LOOKED_AT = 4

const ID_BYTES = COMPACT_NODE_BYTES - COMPACT_PEER_BYTES

function isPlausible(compact: Buffer, teller: string): boolean {
  return (
    compact.readUInt16BE(4) >= LIMITS.firstFreePort && mayTellOf(teller, compact.subarray(0, 4).join('.'))
  )
}
