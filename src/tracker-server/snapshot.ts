/**
 * The registry as bytes, for the next start of the tracker. Ages are kept, not times, so that a clock that
 * was set in between moves nobody by more than the difference.
 *
 *   "SFTRACK1"  saved at, seconds since 1970 (8, float)
 *   1  info hash (20)  age in s (4)  completed (4)                             a swarm's count
 *   4  info hash (20)  age in s (4)  flags (1)  peer id (20)  endpoint (6)     a peer; 1 seed, 2 completed
 *   6  the same, endpoint (18)
 *   0  SHA-256 of everything before it (32)
 *
 * Made in batches between which the registry may change: each entry is right when it is written, and one
 * that moved meanwhile may be missing, which its next announce mends.
 */
import { createHash } from 'node:crypto'
import type { AgeList } from './age-list.js'
import { AnnounceRequest, INFO_HASH_BYTES, PEER_ID_BYTES } from './announce-request.js'
import type { PeerTable } from './peer-table.js'
import type { SwarmRegistry } from './swarm-registry.js'

const MAGIC = Buffer.from('SFTRACK1', 'latin1')
const HEAD_BYTES = MAGIC.length + 8
const DIGEST_BYTES = 32
/** Kind, info hash, age. */
const ENTRY_HEAD_BYTES = 1 + INFO_HASH_BYTES + 4
const SWARM_BYTES = ENTRY_HEAD_BYTES + 4
const ENTRIES_PER_BATCH = 10_000

const END = 0
const SWARM = 1
const IPV4 = 4
const IPV6 = 6

export interface SnapshotTimes {
  readonly nowSeconds: number
  /** Since 1970. */
  readonly unixSeconds: number
}

/** Puts batches of entries, of whichever processes, together to a snapshot. */
export class SnapshotSeal {
  readonly head = Buffer.alloc(HEAD_BYTES)
  readonly #digest = createHash('sha256')

  constructor(unixSeconds: number) {
    MAGIC.copy(this.head)
    this.head.writeDoubleBE(unixSeconds, MAGIC.length)
    this.#digest.update(this.head)
  }

  add(batch: Buffer): Buffer {
    this.#digest.update(batch)
    return batch
  }

  /** What follows the last batch. */
  end(): Buffer {
    return Buffer.concat([Buffer.of(END), this.#digest.update(Buffer.of(END)).digest()])
  }
}

/** Yields all entries in batches, each of which takes a few milliseconds to make. */
export function* snapshotEntries(registry: SwarmRegistry, nowSeconds: number): Generator<Buffer, void> {
  for (let from = 0; from < registry.swarms.slotCount; from += ENTRIES_PER_BATCH) {
    yield swarmBatch(registry, from, nowSeconds)
  }
  for (const peers of [registry.ipv4, registry.ipv6]) {
    for (let from = 0; from < peers.slotCount; from += ENTRIES_PER_BATCH) {
      yield peerBatch(registry, peers, from, nowSeconds)
    }
  }
}

function swarmBatch({ swarms }: SwarmRegistry, from: number, nowSeconds: number): Buffer {
  const batch = Buffer.alloc(ENTRIES_PER_BATCH * SWARM_BYTES)
  let at = 0
  for (let slot = from; slot < Math.min(from + ENTRIES_PER_BATCH, swarms.slotCount); slot++) {
    if (!swarms.isUsed(slot) || swarms.completedCount(slot) === 0) continue
    batch[at] = SWARM
    batch.set(swarms.infoHash(slot), at + 1)
    batch.writeUInt32BE(ageSeconds(swarms.ages, slot, nowSeconds), at + 1 + INFO_HASH_BYTES)
    batch.writeUInt32BE(swarms.completedCount(slot), at + ENTRY_HEAD_BYTES)
    at += SWARM_BYTES
  }
  return batch.subarray(0, at)
}

function peerBatch(registry: SwarmRegistry, peers: PeerTable, from: number, nowSeconds: number): Buffer {
  const entryBytes = peerEntryBytes(peers.endpointBytes)
  const batch = Buffer.alloc(ENTRIES_PER_BATCH * entryBytes)
  let at = 0
  for (let slot = from; slot < Math.min(from + ENTRIES_PER_BATCH, peers.slotCount); slot++) {
    const swarm = peers.swarmOf(slot)
    if (swarm === -1) continue
    batch[at] = peers.endpointBytes === 6 ? IPV4 : IPV6
    batch.set(registry.swarms.infoHash(swarm), at + 1)
    batch.writeUInt32BE(ageSeconds(peers.ages, slot, nowSeconds), at + 1 + INFO_HASH_BYTES)
    batch[at + ENTRY_HEAD_BYTES] = (peers.isSeed(slot) ? 1 : 0) | (peers.hasCompleted(slot) ? 2 : 0)
    batch.set(peers.peerId(slot), at + ENTRY_HEAD_BYTES + 1)
    batch.set(peers.endpoint(slot), at + ENTRY_HEAD_BYTES + 1 + PEER_ID_BYTES)
    at += entryBytes
  }
  return batch.subarray(0, at)
}

/** Who announced since the snapshot was begun has no age. */
function ageSeconds(ages: AgeList, slot: number, nowSeconds: number): number {
  return Math.max(0, nowSeconds - ages.seenSeconds(slot))
}

function peerEntryBytes(endpointBytes: number): number {
  return ENTRY_HEAD_BYTES + 1 + PEER_ID_BYTES + endpointBytes
}

/** Whose entries are wanted, when not everybody's. */
export type OwnsInfoHash = (infoHash: Uint8Array) => boolean

/**
 * Fills an empty registry. False, and nothing is done, when the bytes are not a whole snapshot of this
 * version. Peers whose life is over by now are left out.
 */
export function restoreSnapshot(
  bytes: Buffer,
  registry: SwarmRegistry,
  times: SnapshotTimes,
  owns: OwnsInfoHash = () => true,
): boolean {
  const all = findEntries(bytes)
  if (all === undefined) return false
  const entries = all.filter((at) => owns(bytes.subarray(at + 1, at + 1 + INFO_HASH_BYTES)))
  const awaySeconds = Math.max(0, times.unixSeconds - bytes.readDoubleBE(MAGIC.length))
  const request = new AnnounceRequest()
  for (const at of oldestFirst(bytes, entries)) {
    const age = Math.min(bytes.readUInt32BE(at + 1 + INFO_HASH_BYTES) + awaySeconds, MAX_AGE)
    restoreEntry(registry, { bytes, at, request, seenSeconds: times.nowSeconds - Math.ceil(age) })
  }
  while (registry.expire(times.nowSeconds, ENTRIES_PER_BATCH)) {}
  return true
}

/** Where each entry starts; undefined when the bytes are not whole. */
function findEntries(bytes: Buffer): number[] | undefined {
  const end = bytes.length - DIGEST_BYTES - 1
  if (end < HEAD_BYTES || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) return undefined
  const digest = createHash('sha256')
    .update(bytes.subarray(0, end + 1))
    .digest()
  if (!digest.equals(bytes.subarray(end + 1))) return undefined
  const entries: number[] = []
  let at = HEAD_BYTES
  while (at < end) {
    entries.push(at)
    at += ENTRY_BYTES.get(bytes[at]!) ?? Number.POSITIVE_INFINITY
  }
  return at === end && bytes[end] === END ? entries : undefined
}

const ENTRY_BYTES: ReadonlyMap<number, number> = new Map([
  [SWARM, SWARM_BYTES],
  [IPV4, peerEntryBytes(6)],
  [IPV6, peerEntryBytes(18)],
])

/** The registry wants time to go forwards. */
function oldestFirst(bytes: Buffer, entries: readonly number[]): Iterable<number> {
  const age = (at: number) => Math.min(bytes.readUInt32BE(at + 1 + INFO_HASH_BYTES), MAX_AGE)
  const order = Float64Array.from(entries, (at) => (MAX_AGE - age(at)) * 2 ** 32 + at)
  return order.sort().map((key) => key % 2 ** 32)
}

/** Ages are compared up to 24 days, so that age and place fit into one number to sort by. */
const MAX_AGE = 2 ** 21 - 1

interface SavedEntry {
  readonly bytes: Buffer
  readonly at: number
  readonly seenSeconds: number
  /** Used again for each. */
  readonly request: AnnounceRequest
}

function restoreEntry(registry: SwarmRegistry, entry: SavedEntry): void {
  const { bytes, at, request, seenSeconds } = entry
  const infoHash = bytes.subarray(at + 1, at + 1 + INFO_HASH_BYTES)
  const body = at + ENTRY_HEAD_BYTES
  if (bytes[at] === SWARM) return registry.restoreSwarm(infoHash, bytes.readUInt32BE(body), seenSeconds)
  request.infoHash.set(infoHash)
  request.addressBytes = bytes[at] === IPV4 ? 4 : 16
  request.isSeed = (bytes[body]! & 1) !== 0
  request.peerId.set(bytes.subarray(body + 1, body + 1 + PEER_ID_BYTES))
  const endpoint = body + 1 + PEER_ID_BYTES
  request.endpoint.set(bytes.subarray(endpoint, endpoint + request.addressBytes + 2))
  registry.announce(request, seenSeconds)
  if ((bytes[body]! & 2) !== 0) registry.peersOf(request.addressBytes).markCompleted(registry.peer)
}
