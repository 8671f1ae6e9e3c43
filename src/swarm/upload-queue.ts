/**
 * What one peer has asked of us and not got, in its order. Neighbouring blocks are taken together, as far as
 * they lie in one image, so that a whole image can leave in one write.
 */
import { BLOCK_BYTES } from '../core/geometry.js'
import type { BlockRequest } from '../wire/messages.js'

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

  peek(): BlockRequest | undefined {
    return this.#requests[this.#head]
  }

  shift(): BlockRequest | undefined {
    const request = this.#requests[this.#head]
    if (request !== undefined) this.#serve(1)
    return request
  }

  cancel(cancelled: BlockRequest): void {
    for (let at = this.#head; at < this.#requests.length; at++) {
      const { index, begin, length } = this.#requests[at]!
      if (index !== cancelled.index || begin !== cancelled.begin || length !== cancelled.length) continue
      this.#requests.splice(at, 1)
      return
    }
  }

  clear(): void {
    this.#requests.length = 0
    this.#head = 0
  }

  /**
   * Takes the first request, a whole block, and those behind it that continue it with whole blocks before
   * `end` (a begin in the piece) is reached: at most `mostCount`, at least one. Answers how many, and their bytes.
   */
  takeConsecutive(
    end: number,
    mostCount: number,
    isWhole: (request: BlockRequest) => boolean,
  ): { readonly count: number; readonly payloadBytes: number } {
    const first = this.#requests[this.#head]!
    let count = 1
    let payloadBytes = first.length
    let begin = first.begin + BLOCK_BYTES
    while (count < mostCount && begin < end) {
      const request = this.#requests[this.#head + count]
      if (request?.index !== first.index || request.begin !== begin || !isWhole(request)) break
      count++
      payloadBytes += request.length
      begin += BLOCK_BYTES
    }
    this.#serve(count)
    return { count, payloadBytes }
  }

  #serve(count: number): void {
    this.#head += count
    if (this.#head < 1_000) return
    this.#requests.splice(0, this.#head)
    this.#head = 0
  }
}
