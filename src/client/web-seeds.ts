/**
 * The web seeds of one torrent (BEP 19, BEP 17), as one more kind of peer: they are asked for what is missing
 * while it is being downloaded, within the client's number of connections, and for nothing else.
 */
import { LIMITS } from '../config.js'
import type { WebSeedError } from '../core/errors.js'
import type { RequestPump } from './request-pump.js'
import type { WebLane } from './web-lane.js'
import { WebSeed, type WebSeedHost, type WebSeedParts } from './web-seed.js'

/** What the web seeds of a torrent answer themselves. */
type OwnAnswers = 'owner' | 'refill' | 'forget' | 'changed' | 'failing'

export interface WebSeedsParts extends Omit<WebSeedHost, OwnAnswers> {
  readonly seeds: readonly WebSeedParts[]
  readonly pump: RequestPump
  /** No peer lets us download. */
  isAlone(): boolean
  failed(url: string, error: WebSeedError, isDropped: boolean): void
}

export class WebSeeds {
  readonly #parts: WebSeedsParts
  readonly #seeds: readonly WebSeed[]
  /** By the numbers under which their bytes come. */
  readonly #byNumber = new Map<number, WebSeed>()
  #isOpen = false

  constructor(parts: WebSeedsParts) {
    this.#parts = parts
    const { pump } = parts
    const host = {
      ...parts,
      owner: this,
      refill: (lane: WebLane) => pump.refill(lane),
      forget: (lane: WebLane) => pump.forget(lane),
      changed: (seed: WebSeed) => this.#grow(seed),
      failing: (seed: WebSeed, error: WebSeedError) => parts.failed(seed.url, error, seed.health.isDropped),
    }
    this.#seeds = parts.seeds.map((own) => {
      const takeNumber = () => {
        const number = parts.takeNumber()
        this.#byNumber.set(number, seed)
        return number
      }
      const seed: WebSeed = new WebSeed(own, { ...host, takeNumber })
      return seed
    })
  }

  /** Those that may still be of use, now or later. */
  get knownCount(): number {
    return this.#count((seed) => !seed.health.isDropped)
  }

  /** Those that are not given up by anybody who does not wait for long. */
  get hopefulCount(): number {
    return this.#count((seed) => !seed.health.isGone)
  }

  /** Those that are being read from. */
  get activeCount(): number {
    return this.#count((seed) => seed.isActive)
  }

  /** What is wrong, for people. */
  get trouble(): string | undefined {
    return this.#seeds.map((seed) => seed.trouble).find((trouble) => trouble !== undefined)
  }

  at(number: number): WebSeed | undefined {
    return this.#byNumber.get(number)
  }

  open(): void {
    if (this.#isOpen || this.knownCount === 0) return
    this.#isOpen = true
    this.#growAll()
  }

  /** Ends all requests at once. */
  close(): void {
    this.#isOpen = false
    for (const seed of this.#seeds) seed.close()
  }

  /** The periodic pass: time-outs, more connections, and what they can be asked for. After that of the peers. */
  tick(nowMs: number): void {
    for (const seed of this.#seeds) seed.tick(nowMs, this.#mostLanes)
    this.#growAll()
    this.refill()
  }

  /** What a rate limit held back. */
  refill(): void {
    for (const seed of this.#seeds) this.#parts.pump.refillMore(seed.lanes())
  }

  /** True when the peer of that number is one of ours. */
  cancel(number: number): boolean {
    return this.#byNumber.get(number)?.cancel(number) === true
  }

  get #mostLanes(): number {
    return this.#parts.isAlone() ? LIMITS.webSeedConnectionsAlone : LIMITS.webSeedConnections
  }

  #growAll(): void {
    for (const seed of this.#seeds) this.#grow(seed)
  }

  #grow(seed: WebSeed): void {
    if (this.#isOpen) seed.open(this.#mostLanes)
  }

  #count(passes: (seed: WebSeed) => boolean): number {
    return this.#seeds.filter(passes).length
  }
}
