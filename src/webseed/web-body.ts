/**
 * A range of one resource on its way in from a web seed, counted in bytes of the torrent's byte space. It holds at most
 * what one read brought: until that has been taken, its socket waits.
 */
import { LIMITS } from '../config.js'
import type { Clock } from '../core/clock.js'
import { WebSeedError } from '../core/errors.js'
import type { BodyPlace } from './range-answer.js'
import { type RangeReader, RangeRequest, type WebDoor } from './range-request.js'
import type { WebPlace, WebResource } from './web-source.js'

export interface BodyParts {
  readonly door: WebDoor
  readonly clock: Clock
  readonly resource: WebResource
  readonly place: WebPlace
  /** The stretch that is asked for. */
  readonly at: number
  readonly end: number
}

/** Hears of what comes. What it throws ends the body, and it hears of that. */
export interface BodyHost {
  redirected(resource: WebResource, url: URL): void
  answered(place: BodyPlace): void
  /** Bytes have come, in {@link WebBody.held}. */
  arrived(): void
  /** All has come. */
  ended(): void
  failed(error: Error): void
}

const NOTHING = new Uint8Array()

export class WebBody implements RangeReader {
  readonly resource: WebResource
  /** It was asked for where an earlier redirect had led. */
  readonly isRemembered: boolean
  readonly #clock: Clock
  readonly #host: BodyHost
  readonly #request: RangeRequest
  /** The first byte that is held or will come, and the one after the last. */
  #at: number
  #end: number
  #held: Uint8Array = NOTHING
  #mostSkippedBytes: number = LIMITS.webSeedSkipBytes
  /** When something came last, or began to be waited for. */
  #heardMs: number
  #isPaused = false
  #isDrained = false

  constructor({ door, clock, resource, place, at, end }: BodyParts, host: BodyHost) {
    this.resource = resource
    this.isRemembered = place.isRemembered
    this.#clock = clock
    this.#host = host
    this.#at = at
    this.#end = end
    this.#heardMs = clock.now()
    const { begin } = resource
    const bytes = { first: at - begin, end: end - begin, fileBytes: resource.end - begin }
    this.#request = new RangeRequest(door, place.url, { ...bytes, isRangeInUrl: place.isRangeInUrl }, this)
  }

  /** What has come and was not taken. */
  get held(): Uint8Array {
    return this.#held
  }

  get isPaused(): boolean {
    return this.#isPaused
  }

  /** Nothing more is to be had of it: its end is awaited. */
  get isOver(): boolean {
    return this.#isDrained || (this.#at === this.#end && this.#held.length === 0)
  }

  silentMs(nowMs: number): number {
    return nowMs - this.#heardMs
  }

  /** How far it is to a byte; undefined when that does not come, or too much comes before. */
  distanceTo(position: number): number | undefined {
    const bytes = position - this.#at
    return bytes >= 0 && bytes <= this.#mostSkippedBytes && position < this.#end ? bytes : undefined
  }

  /** So many of the bytes that are held have been dealt with. */
  took(bytes: number): void {
    this.#at += bytes
    this.#held = this.#held.subarray(bytes)
  }

  pause(): void {
    if (this.#isPaused) return
    this.#isPaused = true
    this.#heardMs = this.#clock.now()
    this.#request.pause()
  }

  resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    this.#heardMs = this.#clock.now()
    this.#request.resume()
  }

  /** Nobody wants what is left: a little is read to its end, since that is cheaper than another connection. */
  abandon(): 'aborted' | 'drained' {
    if (this.#end - this.#at > LIMITS.webSeedSkipBytes) {
      this.abort()
      return 'aborted'
    }
    this.#isDrained = true
    this.took(this.#held.length)
    this.resume()
    return 'drained'
  }

  /** The host hears nothing more. */
  abort(): void {
    this.#request.abort()
  }

  // What the request tells.

  redirected(url: URL): void {
    this.#host.redirected(this.resource, url)
  }

  begun(place: BodyPlace): void {
    this.#heardMs = this.#clock.now()
    const begin = this.resource.begin + place.first
    if (place.isWhole) this.#mostSkippedBytes = LIMITS.webSeedWholeSkipBytes
    if (this.#at - begin > this.#mostSkippedBytes) {
      throw new WebSeedError('NO_RANGES', 'the server sends whole files only')
    }
    this.#at = begin
    this.#end = this.resource.begin + place.end
    this.#host.answered(place)
    if (this.#isPaused) this.#request.pause()
  }

  data(bytes: Uint8Array): void {
    this.#heardMs = this.#clock.now()
    // Views of a Buffer are dear to make.
    this.#held = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
    if (this.#isDrained) return this.took(bytes.length)
    this.#host.arrived()
    if (this.#held.length > 0) this.#held = this.#held.slice()
  }

  ended(): void {
    this.#host.ended()
  }

  failed(error: Error): void {
    this.#host.failed(error)
  }
}
