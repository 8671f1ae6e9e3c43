/**
 * One connection to a web seed. To the scheduler it is a peer that has everything and is asked for long stretches;
 * to the server, a client that asks for a range and reads it. A range may reach beyond the blocks that have been asked
 * for, to the end of what the lane has claimed: then the body is read on as blocks are added, and its socket waits
 * while there is no memory for them, or the rate limit is reached.
 */
import { LIMITS } from '../config.js'
import type { Bitfield } from '../core/bitfield.js'
import type { Clock } from '../core/clock.js'
import { WebSeedError } from '../core/errors.js'
import { BLOCK_BYTES, type Geometry } from '../core/geometry.js'
import type { BlockScheduler } from '../swarm/block-scheduler.js'
import { BytePlan, type ByteStretch } from '../swarm/byte-plan.js'
import { DownloadPeer } from '../swarm/download-peer.js'
import { RequestWindow } from '../swarm/request-window.js'
import type { BodyPlace } from '../webseed/range-answer.js'
import type { WebDoor } from '../webseed/range-request.js'
import { type BodyHost, WebBody } from '../webseed/web-body.js'
import type { WebResource, WebSource } from '../webseed/web-source.js'
import type { BlockRequest } from '../wire/messages.js'
import type { Asker } from './request-pump.js'

/** What a lane asks of its web seed, and tells it. */
export interface LaneHost {
  readonly geometry: Geometry
  readonly scheduler: BlockScheduler
  readonly clock: Clock
  readonly door: WebDoor
  readonly source: WebSource
  /** What the server has, as far as is known. */
  readonly has: Bitfield
  /** Of all lanes to the same server. */
  readonly siblings: ReadonlySet<DownloadPeer>
  /** The server gives what it was asked for, or the whole file instead. */
  answered(place: BodyPlace): void
  /** The lane can be asked for more. */
  refill(lane: WebLane): void
  /** The lane has let go of everything. */
  failed(lane: WebLane, failure: LaneFailure): void
}

export interface LaneFailure {
  /** What is no WebSeedError is a fault of ours, or shows that the bytes made no sense. */
  readonly error: Error
  /** What it was asking for. */
  readonly resource: WebResource
  /** It was asked for where an earlier redirect had led. */
  readonly wasRemembered: boolean
}

/** What padding files hold. */
const ZEROS = new Uint8Array(BLOCK_BYTES)

export class WebLane implements Asker, BodyHost {
  readonly peer: DownloadPeer
  readonly #host: LaneHost
  readonly #plan: BytePlan
  #body: WebBody | undefined
  #isMoving = false

  constructor(number: number, host: LaneHost) {
    this.#host = host
    this.#plan = new BytePlan(host.geometry)
    const { requestMinMs, requestMaxMs, webSeedRequests: reqq } = LIMITS
    const window = new RequestWindow({ reqq, requestMinMs, requestMaxMs }, host.clock.now())
    this.peer = new DownloadPeer(number, host.has, window, host.siblings)
    this.peer.isChoking = false
    host.scheduler.add(this.peer)
  }

  get mayBeAsked(): boolean {
    return !this.peer.isChoking
  }

  /** It reads nothing, and waits for nothing but to be asked. */
  get isIdle(): boolean {
    return this.#body === undefined
  }

  ask(requests: readonly BlockRequest[]): void {
    this.#plan.add(requests)
    this.#move()
  }

  /** A block that it was asked for has come from elsewhere. */
  cancelled(): void {
    if (this.peer.window.outstandingCount > 0) return
    this.#plan.clear()
    this.#leaveBody()
  }

  /** The periodic pass. */
  tick(nowMs: number): void {
    const silentMs = this.#body?.silentMs(nowMs) ?? 0
    if (this.#body?.isPaused === true) {
      if (silentMs > LIMITS.webSeedIdleMs) this.#leaveBody()
    } else if (silentMs > LIMITS.webSeedSilenceMs) {
      this.failed(new WebSeedError('TIMEOUT', `nothing came for ${Math.round(silentMs / 1000)} s`))
    } else if (this.peer.window.isSnubbed) {
      this.failed(new WebSeedError('TIMEOUT', 'what was asked for comes too slowly'))
    }
  }

  /** Lets go of everything at once. */
  close(): void {
    this.peer.isChoking = true
    this.#plan.clear()
    this.#body?.abort()
    this.#body = undefined
    this.#host.scheduler.remove(this.peer)
  }

  // What the body tells.

  redirected({ number }: WebResource, url: URL): void {
    this.#host.source.redirected(number, url)
  }

  answered(place: BodyPlace): void {
    this.#host.answered(place)
  }

  arrived(): void {
    this.#move()
  }

  ended(): void {
    this.#body = undefined
    this.#move()
  }

  failed(error: Error): void {
    const resource = this.#body?.resource ?? this.#host.source.resourceAt(this.#plan.next?.at ?? 0)
    const wasRemembered = this.#body?.isRemembered ?? false
    this.close()
    this.#host.failed(this, { error, resource, wasRemembered })
  }

  /** Goes on until there is something to wait for. */
  #move(): void {
    if (this.#isMoving) return
    this.#isMoving = true
    try {
      while (this.#step());
    } catch (error) {
      this.failed(error as Error)
    } finally {
      this.#isMoving = false
    }
  }

  /** False when there is something to wait for. */
  #step(): boolean {
    const body = this.#body
    if (body?.isOver === true) return this.#listen(body)
    if (this.#plan.next === undefined || this.peer.window.wantsRefill) this.#host.refill(this)
    const { next } = this.#plan
    if (next === undefined) return this.#rest()
    const resource = this.#host.source.resourceAt(next.at)
    if (resource.isPadding) return this.#fillIn(Math.min(next.end, resource.end) - next.at)
    if (body === undefined) return this.#begin(resource, next)
    const distance = body.distanceTo(next.at)
    if (distance === undefined) return this.#leaveBody()
    if (body.held.length === 0) return this.#listen(body)
    return this.#take(body, distance)
  }

  /** One request, for as much as will probably be asked for. */
  #begin(resource: WebResource, next: ByteStretch): boolean {
    const { door, clock, source, scheduler } = this.#host
    const { at } = next
    const end = Math.min(resource.end, scheduler.opener.reachOf(this.peer, next.end))
    const place = source.placeOf(resource, at - resource.begin, end - resource.begin)
    if (place === undefined) throw new WebSeedError('NOT_FOUND', 'no URL can name the file')
    this.#body = new WebBody({ door, clock, resource, place, at, end }, this)
    return false
  }

  #take(body: WebBody, distance: number): boolean {
    const { scheduler, clock } = this.#host
    const { held } = body
    if (distance > 0) {
      const skippedBytes = Math.min(distance, held.length)
      scheduler.skipped(skippedBytes)
      body.took(skippedBytes)
    } else {
      const nowMs = clock.now()
      body.took(this.#plan.take(held, (part) => scheduler.accept(this.peer, part, nowMs)))
    }
    return true
  }

  #fillIn(bytes: number): boolean {
    const { scheduler, clock } = this.#host
    const nowMs = clock.now()
    this.#plan.take(ZEROS.subarray(0, bytes), (part) => scheduler.accept(this.peer, part, nowMs))
    return true
  }

  #listen(body: WebBody): boolean {
    body.resume()
    return false
  }

  /** There is nothing to ask for, no memory, or no leave to go on yet. */
  #rest(): boolean {
    this.#body?.pause()
    return false
  }

  /** True when it is gone, and not only on its way to its end. */
  #leaveBody(): boolean {
    if (this.#body?.abandon() === 'drained') return false
    this.#body = undefined
    return true
  }
}
