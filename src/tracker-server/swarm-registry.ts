/**
 * Who is in which swarm: the whole state of a tracker, and every change of it. Pure: time and chance are
 * arguments, and nothing here knows HTTP or UDP. All memory is in flat arrays, so that millions of peers
 * neither trouble the garbage collector nor cost more than their bytes.
 *
 * Invariant: never more swarms or peers than the limits; whoever announced longest ago makes room. A swarm
 * that nobody is in and nobody ever completed is not kept.
 */
import type { AddressBytes } from '../core/compact-peers.js'
import type { AnnounceRequest } from './announce-request.js'
import type { PeerPicks } from './peer-picks.js'
import { PeerTable } from './peer-table.js'
import type { SipHash } from './sip-hash.js'
import { SwarmTable } from './swarm-table.js'

export interface RegistryLimits {
  readonly maxSwarms: number
  readonly maxPeers: number
  /** A peer that did not announce for so long is gone. */
  readonly peerLifeSeconds: number
  /** A swarm's count of completions outlives its last peer by so long. */
  readonly swarmLifeSeconds: number
}

export interface SwarmCounts {
  readonly seeds: number
  readonly leechers: number
  readonly completed: number
}

export class SwarmRegistry {
  readonly swarms: SwarmTable
  readonly ipv4: PeerTable
  readonly ipv6: PeerTable
  readonly #limits: RegistryLimits
  /** Where the last announce ended: its swarm and its peer, each -1 when there is none. */
  swarm = -1
  peer = -1

  /** The hasher's key must be secret: it keeps strangers from choosing info hashes that collide. */
  constructor(limits: RegistryLimits, hasher: SipHash) {
    this.#limits = limits
    this.swarms = new SwarmTable(hasher)
    this.ipv4 = new PeerTable(4, hasher)
    this.ipv6 = new PeerTable(16, hasher)
  }

  get peerCount(): number {
    return this.ipv4.count + this.ipv6.count
  }

  /** Reserved by all tables together. */
  get bytes(): number {
    return this.swarms.bytes + this.ipv4.bytes + this.ipv6.bytes
  }

  peersOf(addressBytes: AddressBytes): PeerTable {
    return addressBytes === 4 ? this.ipv4 : this.ipv6
  }

  /** Afterwards `swarm` and `peer` say where the announcer is. */
  announce(request: AnnounceRequest, nowSeconds: number): void {
    if (request.event === 'stopped') return this.#leave(request)
    if (this.peerCount >= this.#limits.maxPeers) this.#dropOldestPeer()
    this.swarm = this.#enter(request.infoHash, nowSeconds)
    const peers = this.peersOf(request.addressBytes)
    this.peer = peers.find(this.swarm, request.endpointPairs)
    if (this.peer === -1) this.peer = peers.addSought(nowSeconds)
    else peers.ages.touch(this.peer, nowSeconds)
    peers.setPeerId(this.peer, request.peerId)
    peers.setSeed(this.peer, request.isSeed)
    if (request.event === 'completed' && peers.markCompleted(this.peer))
      this.swarms.addCompleted(this.swarm, 1)
  }

  /** All three are 0 for a swarm that is not there. */
  counts(swarm: number): SwarmCounts {
    if (swarm === -1) return { seeds: 0, leechers: 0, completed: 0 }
    const seeds = this.seedCount(swarm)
    return { seeds, leechers: this.memberCount(swarm) - seeds, completed: this.swarms.completedCount(swarm) }
  }

  seedCount(swarm: number): number {
    return this.ipv4.lists.seedCount(swarm) + this.ipv6.lists.seedCount(swarm)
  }

  memberCount(swarm: number): number {
    return this.ipv4.lists.count(swarm) + this.ipv6.lists.count(swarm)
  }

  /** Peers of one family for whoever announced last; a seed hears of other seeds only when there is room. */
  pick(picks: PeerPicks, addressBytes: AddressBytes, request: AnnounceRequest): void {
    const { lists } = this.peersOf(addressBytes)
    const count = this.swarm === -1 ? 0 : lists.count(this.swarm)
    const isOwnFamily = request.addressBytes === addressBytes && this.peer !== -1
    const except = isOwnFamily ? this.peersOf(addressBytes).placeOf(this.peer) : -1
    const wanted = Math.min(request.wantedCount ?? 0, picks.places.length)
    if (!request.isSeed) return picks.pick(0, count, { except, wanted })
    const seeds = count === 0 ? 0 : lists.seedCount(this.swarm)
    picks.pick(seeds, count, { except, wanted })
    picks.pick(0, seeds, { except, wanted: wanted - picks.count })
  }

  /** Removes peers and swarms whose time is over, at most so many. True when more are waiting. */
  expire(nowSeconds: number, maxCount: number): boolean {
    let room = maxCount
    for (const peers of [this.ipv4, this.ipv6]) {
      const deadline = nowSeconds - this.#limits.peerLifeSeconds
      while (peers.ages.oldest !== -1 && peers.ages.seenSeconds(peers.ages.oldest) < deadline) {
        if (room-- === 0) return true
        this.removePeer(peers, peers.ages.oldest)
      }
    }
    const { ages } = this.swarms
    while (ages.oldest !== -1 && ages.seenSeconds(ages.oldest) < nowSeconds - this.#limits.swarmLifeSeconds) {
      if (room-- === 0) return true
      this.#dropSwarm(ages.oldest)
    }
    return false
  }

  removePeer(peers: PeerTable, slot: number): void {
    const swarm = peers.swarmOf(slot)
    peers.remove(slot)
    const isWorthless = this.memberCount(swarm) === 0 && this.swarms.completedCount(swarm) === 0
    if (isWorthless) this.swarms.remove(swarm)
  }

  /** What an earlier run counted, for a swarm that may or may not have peers. */
  restoreSwarm(infoHash: Uint8Array, completedCount: number, seenSeconds: number): void {
    if (completedCount === 0) return
    this.swarms.addCompleted(this.#enter(infoHash, seenSeconds), completedCount)
  }

  #leave(request: AnnounceRequest): void {
    const peers = this.peersOf(request.addressBytes)
    this.peer = -1
    this.swarm = this.swarms.find(request.infoHash)
    if (this.swarm === -1) return
    const slot = peers.find(this.swarm, request.endpointPairs)
    if (slot !== -1) this.removePeer(peers, slot)
    if (!this.swarms.isUsed(this.swarm)) this.swarm = -1
  }

  /** The swarm of this info hash, made when there is none, and now the newest. */
  #enter(infoHash: Uint8Array, nowSeconds: number): number {
    const known = this.swarms.find(infoHash)
    if (known !== -1) {
      this.swarms.ages.touch(known, nowSeconds)
      return known
    }
    if (this.swarms.count >= this.#limits.maxSwarms) this.#dropSwarm(this.swarms.ages.oldest)
    return this.swarms.add(infoHash, nowSeconds)
  }

  #dropOldestPeer(): void {
    const [a, b] = [this.ipv4.ages, this.ipv6.ages]
    const isFour = b.oldest === -1 || (a.oldest !== -1 && a.seenSeconds(a.oldest) <= b.seenSeconds(b.oldest))
    if (isFour) this.removePeer(this.ipv4, a.oldest)
    else this.removePeer(this.ipv6, b.oldest)
  }

  /** With its peers, all of which announced before it was last announced to. */
  #dropSwarm(swarm: number): void {
    for (const peers of [this.ipv4, this.ipv6]) {
      for (let left = peers.lists.count(swarm); left > 0; left--) {
        peers.remove(peers.lists.slotAt(swarm, left - 1))
      }
    }
    this.swarms.remove(swarm)
  }
}
