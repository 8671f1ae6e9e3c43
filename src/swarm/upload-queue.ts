/** What one peer has asked of us and not got, in its order. */
import type { BlockRequest } from '../wire/messages.js'

/** Served requests are let go of in batches of this: one by one costs time, and large ones memory. */
const MOST_SERVED = 64

export class UploadQueue {
  readonly #most: number
  readonly #requests: BlockRequest[] = []
  /** Requests before it are served. */
  #head = 0

  constructor(most: number) {
    this.#most = most
  }

  get length(): number {
    return this.#requests.length - this.#head
  }

  /** False when the peer has more outstanding than it may. */
  push(request: BlockRequest): boolean {
    if (this.length >= this.#most) return false
    this.#requests.push(request)
    return true
  }

  /** The one that is to be served next, or one behind it. */
  peek(place = 0): BlockRequest | undefined {
    return this.#requests[this.#head + place]
  }

  /** Those that are to be served next, at most so many. */
  first(count: number): BlockRequest[] {
    return this.#requests.slice(this.#head, this.#head + count)
  }

  /** So many have been served. */
  serve(count: number): void {
    this.#head += count
    if (this.#head < MOST_SERVED) return
    this.#requests.splice(0, this.#head)
    this.#head = 0
  }

  /** False when it has been served, or never was here. */
  cancel(cancelled: BlockRequest): boolean {
    for (let at = this.#head; at < this.#requests.length; at++) {
      const { index, begin, length } = this.#requests[at]!
      if (index !== cancelled.index || begin !== cancelled.begin || length !== cancelled.length) continue
      this.#requests.splice(at, 1)
      return true
    }
    return false
  }

  /** Keeps only what passes. Answers the others: they are not served. */
  keepOnly(passes: (request: BlockRequest) => boolean): BlockRequest[] {
    const kept: BlockRequest[] = []
    const dropped: BlockRequest[] = []
    for (const request of this.first(this.length)) (passes(request) ? kept : dropped).push(request)
    this.#requests.splice(0, this.#requests.length, ...kept)
    this.#head = 0
    return dropped
  }
}
