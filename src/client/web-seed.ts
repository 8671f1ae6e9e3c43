/**
 * One web seed of one torrent: opens connections to it as long as it delivers, and lets go of it when it fails, for a
 * while or for good. A file that it does not have costs it the pieces of that file only.
 */
import { LIMITS } from '../config.js'
import { Bitfield } from '../core/bitfield.js'
import type { Clock, Random } from '../core/clock.js'
import { PeerError, WebSeedError } from '../core/errors.js'
import type { Geometry } from '../core/geometry.js'
import { type PrivateReach, privateRule } from '../core/private-reach.js'
import type { BlockScheduler } from '../swarm/block-scheduler.js'
import type { DownloadPeer } from '../swarm/download-peer.js'
import { WebSeedHealth } from '../swarm/web-seed-health.js'
import type { BodyPlace } from '../webseed/range-answer.js'
import type { WebDoor } from '../webseed/range-request.js'
import type { WebConnections } from '../webseed/web-connections.js'
import type { WebResource, WebSource } from '../webseed/web-source.js'
import type { Suspect } from './reputation.js'
import { type LaneFailure, type LaneHost, WebLane } from './web-lane.js'

/** Without a byte of use it may lack so many files before it is taken for another place altogether. */
const MOST_MISSING = 8

/** What a busy server may say, it is not asked for another connection sooner. */
const LEAST_WAIT_MS = 1_000

/** Where a web seed is, and what it has there. */
export interface WebSeedParts {
  readonly url: string
  /** Where it may lead. */
  readonly reach: PrivateReach
  readonly source: WebSource
}

/** What a web seed asks of its torrent, and tells it. */
export interface WebSeedHost {
  readonly scheduler: BlockScheduler
  readonly clock: Clock
  readonly random: Random
  readonly geometry: Geometry
  readonly connections: WebConnections
  /** Whose connections they are: one for all web seeds of a torrent. */
  readonly owner: object
  /** A number that no other source of bytes has. */
  takeNumber(): number
  refill(lane: WebLane): void
  forget(lane: WebLane): void
  /** It can have more connections now, or be asked anew. */
  changed(seed: WebSeed): void
  /** It is left alone, for a while or for good. */
  failing(seed: WebSeed, error: WebSeedError): void
  /** A fault of ours, not of a server. */
  crashed(error: Error): void
}

export class WebSeed implements LaneHost, Suspect {
  readonly url: string
  readonly health: WebSeedHealth
  readonly geometry: Geometry
  readonly scheduler: BlockScheduler
  readonly clock: Clock
  readonly door: WebDoor
  readonly source: WebSource
  readonly has: Bitfield
  readonly siblings = new Set<DownloadPeer>()
  readonly #host: WebSeedHost
  readonly #hostname: string
  readonly #lanes = new Map<number, WebLane>()
  /** Those that no lane has now. */
  readonly #freeNumbers: number[] = []
  #missingCount = 0
  /** It has given what it was asked for: several connections are worth a try. */
  #isProven = false
  #mostLanes = Number.POSITIVE_INFINITY
  /** From when on one more may be tried. */
  #moreLanesMs = Number.POSITIVE_INFINITY
  #isOnParole = false
  #trouble: string | undefined

  constructor({ url, reach, source }: WebSeedParts, host: WebSeedHost) {
    this.url = url
    this.source = source
    this.#host = host
    this.geometry = host.geometry
    this.scheduler = host.scheduler
    this.clock = host.clock
    this.door = {
      mayBePrivate: privateRule(new URL(url), reach),
      agent: (isPrivate) => host.connections.agent(isPrivate),
    }
    this.#hostname = new URL(url).host
    this.health = new WebSeedHealth(host.random)
    this.has = new Bitfield(host.geometry.pieceCount)
    this.has.setAll()
  }

  get name(): string {
    return this.url
  }

  /** It is being read from. */
  get isActive(): boolean {
    return this.#isProven && this.#lanes.size > 0
  }

  /** What went wrong last, for people, as long as it is not being read from. */
  get trouble(): string | undefined {
    return this.isActive || this.#trouble === undefined
      ? undefined
      : `web seed ${this.#hostname}: ${this.#trouble}`
  }

  lanes(): Iterable<WebLane> {
    return this.#lanes.values()
  }

  /** Opens connections up to so many, one of them first, for as long as nothing speaks against it. */
  open(most: number): void {
    const target = Math.min(this.#isProven ? most : 1, this.#mostLanes)
    while (this.#lanes.size < target && this.health.mayBeAsked(this.clock.now())) {
      if (!this.#host.connections.take(this.#hostname, this.#host.owner, most)) return
      const number = this.#freeNumbers.pop() ?? this.#host.takeNumber()
      const lane = new WebLane(number, this)
      lane.peer.isOnParole = this.#isOnParole
      this.#lanes.set(number, lane)
      this.siblings.add(lane.peer)
      this.#host.refill(lane)
    }
  }

  /** The periodic pass: ends what has come to a halt, and connections beyond so many. */
  tick(nowMs: number, most: number): void {
    if (nowMs >= this.#moreLanesMs) this.#limitLanes(this.#mostLanes + 1, nowMs + LIMITS.webSeedMoreLanesMs)
    for (const lane of [...this.#lanes.values()]) {
      lane.tick(nowMs)
      if (lane.peer.usefulBytes > 0) this.health.delivered()
      if (lane.isIdle && this.#lanes.size > most) this.#close(lane)
    }
  }

  cancel(number: number): boolean {
    const lane = this.#lanes.get(number)
    lane?.cancelled()
    return lane !== undefined
  }

  close(): void {
    for (const lane of [...this.#lanes.values()]) this.#close(lane)
    this.#isProven = false
  }

  // What becomes of pieces that it had a part in.

  ban(detail: string): void {
    if (!this.health.isDropped) this.#suffer(new WebSeedError('CORRUPT_PIECE', detail))
  }

  suspect(): void {
    this.#isOnParole = true
    for (const { peer } of this.#lanes.values()) {
      peer.isOnParole = true
      peer.run = undefined
    }
  }

  clear(): void {
    this.#isOnParole = false
    for (const { peer } of this.#lanes.values()) peer.isOnParole = false
  }

  // What a lane asks and tells.

  answered({ isWhole }: BodyPlace): void {
    if (isWhole) this.#limitLanes(1, Number.POSITIVE_INFINITY)
    if (this.#isProven) return
    this.#isProven = true
    this.#host.changed(this)
  }

  refill(lane: WebLane): void {
    this.#host.refill(lane)
  }

  failed(lane: WebLane, failure: LaneFailure): void {
    this.#forget(lane)
    const error = asWebSeedError(failure.error)
    if (error === undefined) return this.#host.crashed(failure.error)
    this.#judge(lane, error, failure)
    this.#host.changed(this)
  }

  #judge(lane: WebLane, error: WebSeedError, { resource, wasRemembered }: LaneFailure): void {
    const wasUseful = lane.peer.usefulBytes > 0
    if (wasUseful) this.health.delivered()
    // Where it had led us earlier, it may lead us elsewhere now.
    if (wasRemembered) return this.source.forgetRedirects(resource.number)
    if (FILE_FAULTS.has(error.code) && this.#goesOnWithout(resource)) return
    if (error.code === 'BUSY' && this.#lanes.size > 0) {
      const waitMs = error.retryAfterMs ?? LIMITS.webSeedMoreLanesMs
      return this.#limitLanes(this.#lanes.size, this.clock.now() + Math.max(waitMs, LEAST_WAIT_MS))
    }
    this.#suffer(error)
  }

  #limitLanes(most: number, untilMs: number): void {
    this.#mostLanes = most
    this.#moreLanesMs = untilMs
  }

  /** It is left alone, for a while or for good. */
  #suffer(error: WebSeedError): void {
    this.health.failed(error, this.clock.now())
    this.#trouble = error.message
    if (this.health.isDropped) this.close()
    this.#host.failing(this, error)
  }

  /** It does not have the file. True when there are others that it may have. */
  #goesOnWithout({ number }: WebResource): boolean {
    const { first, end } = this.source.piecesOf(number)
    for (let index = first; index < end; index++) this.has.clear(index)
    this.#missingCount++
    return this.has.count > 0 && (this.#isProven || this.#missingCount < MOST_MISSING)
  }

  #close(lane: WebLane): void {
    lane.close()
    this.#forget(lane)
  }

  #forget(lane: WebLane): void {
    const { number } = lane.peer
    if (!this.#lanes.delete(number)) return
    this.siblings.delete(lane.peer)
    this.#freeNumbers.push(number)
    this.#host.connections.give(this.#hostname, this.#host.owner)
    this.#host.forget(lane)
    if (this.#lanes.size === 0) this.#isProven = false
  }
}

/** They say something of one file, and nothing of the others. */
const FILE_FAULTS: ReadonlySet<string> = new Set(['NOT_FOUND', 'WRONG_LENGTH'])

/** Undefined for what is a fault of ours. */
function asWebSeedError(error: Error): WebSeedError | undefined {
  if (error instanceof WebSeedError) return error
  if (error instanceof PeerError) return new WebSeedError('BAD_RESPONSE', error.message, { cause: error })
  return undefined
}
