import assert from 'node:assert/strict'
import { test } from 'node:test'
import { joinPeer, swarmParts } from '../kit/swarm-parts.js'

const KIB = 1024
const ALL = Number.POSITIVE_INFINITY

/** Eight pieces of two blocks. */
const setUp = () => {
  const parts = swarmParts(8 * 32 * KIB, 32 * KIB, 8 * 1024 * KIB)
  return { ...parts, peer: joinPeer(parts, 1) }
}

test('a peer that chokes us is asked only for what it allows all the same', () => {
  const { peer, scheduler } = setUp()
  peer.choke(0)
  assert.equal(peer.isWilling, false)
  assert.deepEqual(scheduler.request(peer, ALL, 0), [])
  peer.allow(5)
  const asked = scheduler.request(peer, ALL, 0)
  assert.deepEqual(
    asked.map(({ index, begin }) => [index, begin]),
    [
      [5, 0],
      [5, 16 * KIB],
    ],
  )
  peer.unchoke()
  assert.ok(scheduler.request(peer, ALL, 0).length > 0)
})

test('a block that is refused is asked of another at once, and not of the same peer for ten seconds', () => {
  const parts = setUp()
  const { peer, scheduler } = parts
  const other = joinPeer(parts, 2)
  const [first] = scheduler.request(peer, 1, 0)
  scheduler.refused(peer, first!, 0)
  assert.equal(peer.window.outstandingCount, 0)
  assert.equal(peer.offers(first!.index), false)
  assert.ok(
    scheduler.request(other, ALL, 0).some(({ index, begin }) => index === first!.index && begin === 0),
  )
  scheduler.tick(9_000)
  assert.equal(peer.offers(first!.index), false)
  scheduler.tick(10_000)
  assert.equal(peer.offers(first!.index), true)
})

test('a peer that refuses everything is asked for nothing after a while', () => {
  const parts = swarmParts(200 * 16 * KIB, 16 * KIB, 8 * 1024 * KIB)
  const peer = joinPeer(parts, 1)
  let askedCount = 0
  for (;;) {
    const asked = parts.scheduler.request(peer, ALL, 0)
    if (asked.length === 0) break
    askedCount += asked.length
    for (const request of asked) parts.scheduler.refused(peer, request, 0)
  }
  assert.ok(askedCount >= 64 && askedCount < 200, `${askedCount} requests`)
})

test('what was refused without having been asked for means nothing', () => {
  const { peer, scheduler } = setUp()
  for (const index of [3, 8, 2 ** 32 - 1]) scheduler.refused(peer, { index, begin: 1, length: 7 }, 0)
  scheduler.refused(peer, { index: 3, begin: 0, length: 16 * KIB }, 0)
  assert.equal(peer.offers(3), true)
})

test('a peer that chokes us and refuses nothing holds its blocks for three seconds', () => {
  const { peer, scheduler } = setUp()
  const asked = scheduler.request(peer, 4, 0)
  peer.allow(asked[0]!.index)
  peer.choke(1_000)
  scheduler.tick(4_000)
  assert.equal(peer.window.outstandingCount, 4)
  scheduler.tick(4_001)
  const kept = asked.filter(({ index }) => index === asked[0]!.index)
  assert.equal(peer.window.outstandingCount, kept.length, 'what it allows all the same may still come')
})
