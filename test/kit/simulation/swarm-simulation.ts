/**
 * A whole download without sockets, files or clocks: peers of all kinds in front of a real scheduler, and a
 * disk behind it. First everything of the plan happens, in its order; then everybody who is honest goes on
 * until the torrent is complete. All the while the scheduler is held to what it promises.
 */
import assert from 'node:assert/strict'
import { PeerError } from '../../../src/core/errors.js'
import { BLOCK_BYTES, type PieceIndex } from '../../../src/core/geometry.js'
import type { DownloadPeer } from '../../../src/swarm/download-peer.js'
import type { BlockPart, BlockRequest } from '../../../src/wire/messages.js'
import { SimPeer } from './sim-peer.js'
import type { PeerPlan, SimPlan, SimStep } from './sim-plan.js'
import { type SimHost, SimTorrent } from './sim-torrent.js'
import { impossiblePart, strayPart } from './stray-parts.js'

const STUCK_MS = 2_000
const ROUND_MS = 500
/** Fifty minutes: many rounds of the longest time-out, and time for one peer to bring it all drop by drop. */
const MOST_ROUNDS = 6_000

export class SwarmSimulation implements SimHost {
  readonly #plan: SimPlan
  readonly #torrent: SimTorrent
  /** Who is connected; those to be trusted last, so that the others come first to every table. */
  #peers: SimPeer[] = []
  readonly #away: PeerPlan[] = []
  readonly #liars = new Set<number>()
  /** When a block of a run was last requested or received. */
  readonly #touchedMs = new Map<number, number>()
  #lastNumber = 0
  #nowMs = 0
  #sentBytes = 0

  constructor(plan: SimPlan) {
    this.#plan = plan
    this.#torrent = new SimTorrent(plan, this)
    for (const peerPlan of plan.peers) this.#join(peerPlan)
    for (let part = 0; part < plan.trustedCount; part++) this.#joinTrusted(part)
  }

  run(): void {
    for (const step of this.#plan.steps) this.#take(step)
    for (const { download } of this.#peers) download.unchoke()
    for (let round = 0; !this.#torrent.isComplete; round++) {
      assert.ok(round < MOST_ROUNDS, 'the download goes on for ever')
      this.#goOn()
    }
    while (this.#torrent.taskCount > 0) this.#torrent.answer()
    for (const peer of [...this.#peers]) this.#leave(peer)
    const { arena, scheduler } = this.#torrent
    assert.equal(arena.usedBytes, 0, 'all memory comes back')
    assert.equal(scheduler.receivedBytes, this.#sentBytes)
  }

  // What the torrent tells.

  cancel(to: DownloadPeer, request: BlockRequest): void {
    this.#peers.find(({ download }) => download === to)?.cancel(request)
  }

  /** As the client does: alone with a corrupt piece, banned; among others, on parole until cleared. */
  judge(index: PieceIndex, sources: ReadonlySet<number>, isGood: boolean): void {
    if (!isGood) {
      const liars = [...sources].filter((number) => this.#liars.has(number))
      assert.notEqual(liars.length, 0, `piece ${index} is corrupt, and only honest peers are blamed`)
    }
    const suspects = this.#peers.filter(({ download }) => sources.has(download.number))
    for (const peer of suspects) {
      if (!isGood && sources.size === 1) this.#remove(peer)
      else if (!isGood || sources.size === 1) peer.download.isOnParole = !isGood
      if (!isGood) peer.download.run = undefined
    }
  }

  // What happens.

  #take({ kind, peer: at, amount }: SimStep): void {
    if (kind === 'disk') return this.#torrent.answer()
    if (kind === 'tick') return this.#pass(amount % 7 === 0 ? 25_000 : amount % 3_000)
    if (kind === 'join') return void this.#away.splice(-1).map((plan) => this.#join(plan))
    if (kind === 'glitch') {
      this.#torrent.isGlitching = true
      return
    }
    const peer = this.#peers[at % this.#peers.length]!
    if (kind === 'deliver') return this.#deliver(peer, 1 + (amount % 40), 1 + (amount % 30_011))
    if (kind === 'request') return this.#request(peer, amount % 20)
    if (kind === 'choke') return this.#choke(peer)
    const index = amount % this.#torrent.geometry.pieceCount
    if (kind === 'unchoke') peer.download.unchoke()
    else if (kind === 'have') this.#have(peer, index)
    else if (kind === 'allow') this.#allow(peer, index)
    else if (kind === 'refuse') this.#refuse(peer, peer.queue.splice(0, amount % 4))
    else if (peer.plan.tenths === TRUSTED) return
    else if (kind === 'leave') this.#leave(peer)
    else if (kind === 'lose') this.#lose(peer, index)
    else if (peer.plan.kind === 'liar' && peer.isIdle) this.#offend(peer, kind, amount)
  }

  /** A round in which nobody comes, goes or chokes. */
  #goOn(): void {
    this.#pass(ROUND_MS)
    for (const peer of [...this.#peers]) {
      if (peer.download.window.wantsRefill) this.#request(peer, Number.POSITIVE_INFINITY)
      if (peer.plan.kind === 'dripping') this.#deliver(peer, 1, 3_001)
      else this.#deliver(peer, Number.POSITIVE_INFINITY, BLOCK_BYTES)
    }
    while (this.#torrent.taskCount > 0) this.#torrent.answer()
  }

  #joinTrusted(part: number): void {
    const plan: PeerPlan = {
      kind: 'honest',
      tenths: TRUSTED,
      seed: part,
      reqq: 250,
      heedsCancels: part === 0,
      isFast: this.#plan.seed % 2 === part,
      readsStretches: this.#plan.seed % 3 === part,
    }
    const { has } = this.#join(plan).download
    for (let index = 0; index < has.size; index++) {
      if (index % this.#plan.trustedCount === part) this.#have(this.#peers.at(-1)!, index)
    }
  }

  #join(plan: PeerPlan): SimPeer {
    const { geometry, scheduler, picker } = this.#torrent
    const has = SimPeer.pieces(plan, geometry.pieceCount)
    const peer = new SimPeer(++this.#lastNumber, plan, has, { geometry, nowMs: this.#nowMs })
    if (plan.kind === 'liar') this.#liars.add(peer.download.number)
    for (let index = 0; index < has.size; index++) if (has.has(index)) picker.peerHas(index as PieceIndex)
    scheduler.add(peer.download)
    this.#peers.push(peer)
    return peer
  }

  #leave(peer: SimPeer): void {
    this.#remove(peer)
    this.#away.push(peer.plan)
  }

  #remove(peer: SimPeer): void {
    const { scheduler, picker } = this.#torrent
    this.#peers = this.#peers.filter((other) => other !== peer)
    scheduler.remove(peer.download)
    const { has } = peer.download
    for (let index = 0; index < has.size; index++) if (has.has(index)) picker.peerLost(index as PieceIndex)
    assert.equal(peer.download.window.outstandingCount, 0)
  }

  #choke(peer: SimPeer): void {
    const { scheduler } = this.#torrent
    peer.download.choke(this.#nowMs)
    if (peer.plan.isFast) {
      scheduler.standBack(peer.download)
      if (peer.plan.kind !== 'silent') this.#refuse(peer, peer.takeRefused())
      return
    }
    peer.dropQueue()
    scheduler.release(peer.download)
    assert.equal(peer.download.window.outstandingCount, 0)
  }

  #allow(peer: SimPeer, index: number): void {
    if (!peer.plan.isFast) return
    peer.allowed.add(index)
    peer.download.allow(index)
  }

  #refuse({ download }: SimPeer, requests: readonly BlockRequest[]): void {
    for (const request of requests) {
      const wasWaitedFor = download.window.isOutstanding(this.#torrent.keyOf(request))
      assert.equal(this.#torrent.scheduler.refused(download, request, this.#nowMs), wasWaitedFor)
      assert.equal(download.window.isOutstanding(this.#torrent.keyOf(request)), false)
    }
  }

  #lose(peer: SimPeer, index: number): void {
    const { picker, scheduler } = this.#torrent
    if (!peer.download.has.clear(index)) return
    picker.peerLost(index as PieceIndex)
    scheduler.releasePiece(peer.download, index)
    if (peer.plan.isFast) this.#refuse(peer, peer.takeRefused(index))
  }

  #have(peer: SimPeer, index: number): void {
    if (!peer.download.has.set(index)) return
    this.#torrent.picker.peerHas(index as PieceIndex)
    peer.download.idleAtVersion = -1
  }

  #pass(ms: number): void {
    this.#nowMs += ms
    this.#torrent.tick(this.#nowMs)
    this.#checkMemory()
  }

  #deliver(peer: SimPeer, partCount: number, partBytes: number): void {
    if (peer.plan.kind === 'silent') return
    if (peer.plan.kind === 'refusing') return this.#refuse(peer, peer.queue.splice(0))
    for (let count = 0; count < partCount && this.#peers.includes(peer); count++) {
      const part = peer.nextPart(partBytes)
      if (part === undefined) return
      this.#accept(peer, part)
    }
  }

  #accept(peer: SimPeer, part: BlockPart): void {
    const { scheduler } = this.#torrent
    const key = this.#torrent.keyOf(part)
    const state = this.#torrent.state(key)
    const { usefulBytes } = peer.download
    this.#sentBytes += part.bytes.length
    this.#torrent.accepting = key
    scheduler.accept(peer.download, part, this.#nowMs)
    this.#torrent.accepting = undefined
    part.bytes.fill(0xee)
    this.#checkMemory()
    if (peer.download.usefulBytes === usefulBytes) return
    assert.equal(peer.download.usefulBytes, usefulBytes + part.length)
    assert.ok(state === 'missing' || state === 'dropped', `a block was of use that is ${state}`)
    if (this.#torrent.state(key) === state) this.#torrent.setState(key, 'received')
    this.#touch(part)
    assert.deepEqual(this.#askedFor(key), [], 'nobody is asked any more for what has come')
  }

  #request(peer: SimPeer, most: number): void {
    const { download } = peer
    const requests = this.#torrent.scheduler.request(download, most, this.#nowMs)
    assert.ok(requests.length <= most)
    if (download.isChoking) assert.ok(requests.every(({ index }) => peer.allowed.has(index)))
    assert.ok(download.window.outstandingCount <= peer.plan.reqq)
    assert.equal(new Set(requests.map((request) => this.#torrent.keyOf(request))).size, requests.length)
    const fresh = requests.filter((request) => this.#checkRequest(peer, request))
    for (const request of fresh) this.#touch(request)
    peer.queue.push(...requests)
    this.#checkMemory()
  }

  /** True when nobody else is asked for the block. */
  #checkRequest({ download }: SimPeer, request: BlockRequest): boolean {
    const { geometry } = this.#torrent
    const index = geometry.toPieceIndex(request.index)
    assert.ok(index !== undefined && download.has.has(index), 'the peer has the piece')
    assert.ok(request.begin % BLOCK_BYTES === 0 && request.begin < geometry.pieceBytes(index))
    assert.equal(request.length, geometry.blockBytes(index, request.begin))
    const key = this.#torrent.keyOf(request)
    const state = this.#torrent.state(key)
    assert.ok(state === 'missing' || state === 'dropped', `a block is requested that is ${state}`)
    const others = this.#askedFor(key).filter((other) => other !== download)
    if (others.length === 0) this.#torrent.setState(key, 'missing')
    else this.#checkDuplicate(request, others)
    return others.length === 0
  }

  #checkDuplicate(request: BlockRequest, others: readonly DownloadPeer[]): void {
    const { scheduler, arena, grid } = this.#torrent
    const isEndgame =
      scheduler.opener.isExhausted && this.#torrent.isAllRequested((key) => this.#askedFor(key).length > 0)
    const isSpent = arena.usedBytes + grid.bufferBytes > arena.budgetBytes
    assert.ok(isEndgame || isSpent, 'two peers are asked for a block before the end')
    const isStuck = this.#nowMs - (this.#touchedMs.get(this.#unitOf(request)) ?? 0) >= STUCK_MS
    assert.ok(isStuck || (isEndgame && others.length < 3), 'several peers are asked for a block that moves')
  }

  #offend(peer: SimPeer, kind: 'unasked' | 'malformed' | string, amount: number): void {
    const { geometry, scheduler } = this.#torrent
    if (kind === 'unasked') return this.#accept(peer, strayPart(geometry, amount))
    const wrong = impossiblePart(geometry, amount)
    this.#sentBytes += wrong.bytes.length
    assert.throws(() => scheduler.accept(peer.download, wrong, this.#nowMs), PeerError)
    this.#remove(peer)
  }

  #checkMemory(): void {
    const { arena, writingBytes } = this.#torrent
    const outstanding = new Set(this.#peers.flatMap(({ download }) => [...download.window.keys()]))
    // Only the last block of a piece can be smaller than the others, so this is not below what is reserved.
    const leastBytes = writingBytes + (outstanding.size > 0 ? 1 : 0)
    assert.ok(leastBytes <= arena.usedBytes, 'what is asked for and what is written is admitted')
    assert.ok(arena.usedBytes <= arena.budgetBytes, 'no more is admitted than the budget allows')
  }

  #askedFor(key: number): DownloadPeer[] {
    return this.#peers.map(({ download }) => download).filter(({ window }) => window.isOutstanding(key))
  }

  #touch(block: { readonly index: number; readonly begin: number }): void {
    this.#touchedMs.set(this.#unitOf(block), this.#nowMs)
  }

  #unitOf({ index, begin }: { readonly index: number; readonly begin: number }): number {
    return this.#torrent.grid.unitOf(index as PieceIndex, begin)
  }
}

/** Marks the plan of a peer that is honest and stays. */
const TRUSTED = -1
