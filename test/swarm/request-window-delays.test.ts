import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BLOCK_BYTES } from '../../src/core/geometry.js'
import { RequestWindow } from '../../src/swarm/request-window.js'

const LIMITS = { reqq: 2_000, requestMinMs: 20_000, requestMaxMs: 60_000 }
const STEP_MS = 5
const TICK_MS = 250

/** A peer that sends one block after the other at its rate, each of which is so long under way. */
class Route {
  readonly window = new RequestWindow(LIMITS, 0)
  delayMs: number
  bytesPerMs: number
  #nowMs = 0
  #key = 0
  #lineEndsMs = 0
  /** Blocks on their way, in the order of arrival. */
  readonly #underWay: { readonly key: number; readonly arrivesMs: number }[] = []

  constructor(delayMs: number, bytesPerMs: number) {
    this.delayMs = delayMs
    this.bytesPerMs = bytesPerMs
  }

  /** Bytes per millisecond that came in. */
  run(forMs: number): number {
    let bytes = 0
    for (const endMs = this.#nowMs + forMs; this.#nowMs < endMs; this.#nowMs += STEP_MS) {
      while ((this.#underWay[0]?.arrivesMs ?? Number.POSITIVE_INFINITY) <= this.#nowMs) {
        this.window.received(this.#underWay.shift()!.key, BLOCK_BYTES, this.#nowMs)
        bytes += BLOCK_BYTES
      }
      if (this.#nowMs % TICK_MS === 0) this.window.tick(this.#nowMs)
      while (this.window.room > 0) this.#request()
    }
    return bytes / forMs
  }

  #request(): void {
    this.window.sent(this.#key, this.#nowMs)
    this.#lineEndsMs = Math.max(this.#lineEndsMs, this.#nowMs) + BLOCK_BYTES / this.bytesPerMs
    this.#underWay.push({ key: this.#key++, arrivesMs: this.#lineEndsMs + this.delayMs })
  }
}

for (const delayMs of [20, 300, 700, 1_500]) {
  test(`a way of ${delayMs} ms is filled`, () => {
    const route = new Route(delayMs, 5_000)
    route.run(30_000)
    assert.ok(route.run(10_000) > 4_500)
  })
}

for (const delayMs of [400, 1_000, 1_500]) {
  test(`a way that grows from 1 ms to ${delayMs} ms is filled again`, () => {
    const route = new Route(1, 5_000)
    assert.ok(route.run(5_000) > 4_500)
    route.delayMs = delayMs
    route.run(30_000)
    assert.ok(route.run(10_000) > 4_500)
  })
}

test('a line of requests at the peer does not pass for a longer way', () => {
  for (const bytesPerMs of [20, 100, 1_000, 20_000]) {
    const route = new Route(1, 20_000)
    route.run(2_000)
    route.bytesPerMs = bytesPerMs
    route.run(600_000)
    const lineMs = (route.window.outstandingCount * BLOCK_BYTES) / bytesPerMs
    const mostMs = bytesPerMs < 200 ? 6_000 : 300
    assert.ok(lineMs < mostMs, `${lineMs} ms of requests at ${bytesPerMs} bytes per ms`)
  }
})

test('what is on the way is told from the delay and the rate, and is nothing as long as neither is known', () => {
  const route = new Route(100, 10_000)
  assert.equal(route.window.wayBytes, 0)
  route.run(10_000)
  assert.ok(Math.abs(route.window.wayBytes - 2 * 100 * 10_000) < 200_000, `${route.window.wayBytes} bytes`)
})
