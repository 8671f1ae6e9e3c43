import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answer, joinPeer, swarmParts } from '../kit/swarm-parts.js'

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

test('a peer that chokes us before it has given anything is asked for nothing for two seconds, then four', () => {
  const parts = setUp()
  const { peer, scheduler } = parts
  peer.unchoke()
  let nowMs = 0
  for (const pauseMs of [2_000, 4_000, 8_000]) {
    assert.ok(scheduler.request(peer, ALL, nowMs).length > 0)
    peer.choke(nowMs)
    scheduler.release(peer)
    peer.unchoke()
    assert.deepEqual(scheduler.request(peer, ALL, nowMs + pauseMs - 1), [])
    nowMs += pauseMs
  }
  answer(parts, peer, scheduler.request(peer, ALL, nowMs), nowMs)
  const given = scheduler.request(peer, ALL, nowMs)
  answer(parts, peer, given.slice(0, 1), nowMs)
  peer.choke(nowMs)
  peer.unchoke()
  assert.ok(scheduler.request(peer, ALL, nowMs).length > 0)
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

test('what was refused without having been asked for means nothing, unless it goes on and on', () => {
  const { peer, scheduler } = setUp()
  const unasked = { index: 3, begin: 0, length: 16 * KIB }
  for (let nth = 0; nth < 1_000; nth++) assert.equal(scheduler.refused(peer, unasked, 0), false)
  assert.equal(peer.offers(3), true)
  assert.throws(() => scheduler.refused(peer, unasked, 0), { code: 'BAD_MESSAGE' })
})

test('refusals that cross with cancels and time-outs are no fault', () => {
  const { peer, scheduler } = setUp()
  for (let round = 0; round < 600; round++) {
    const asked = scheduler.request(peer, 2, round)
    scheduler.release(peer)
    for (const request of asked) assert.equal(scheduler.refused(peer, request, round), false)
  }
  assert.equal(peer.unaskedRefusals, 0)
})

const IMPOSSIBLE = [
  [{ index: 8, begin: 0, length: 16 * KIB }, 'UNKNOWN_PIECE'],
  [{ index: 2 ** 32 - 1, begin: 0, length: 16 * KIB }, 'UNKNOWN_PIECE'],
  [{ index: 3, begin: 1, length: 16 * KIB }, 'BAD_MESSAGE'],
  [{ index: 3, begin: 32 * KIB, length: 16 * KIB }, 'BAD_MESSAGE'],
  [{ index: 3, begin: 0, length: 7 }, 'BAD_MESSAGE'],
] as const

for (const [request, code] of IMPOSSIBLE) {
  test(`refusing ${Object.values(request).join(', ')}, which nobody can ask for, is a fault`, () => {
    const { peer, scheduler } = setUp()
    assert.throws(() => scheduler.refused(peer, request, 0), { code })
  })
}

test('what a peer was asked for of a piece that it has lost is for others', () => {
  const parts = setUp()
  const { peer, scheduler } = parts
  const asked = scheduler.request(peer, 4, 0)
  peer.has.clear(0)
  assert.equal(scheduler.releasePiece(peer, 0), true)
  assert.equal(scheduler.releasePiece(peer, 0), false)
  assert.equal(peer.window.outstandingCount, asked.filter(({ index }) => index !== 0).length)
  const taken = scheduler.request(joinPeer(parts, 2), ALL, 0)
  assert.equal(taken.filter(({ index }) => index === 0).length, 2)
})

test('a piece that was kept for a peer is for anybody once it chokes us, though it refuses what it was asked', () => {
  const pieceLength = 4 * 1024 * KIB
  const parts = swarmParts(pieceLength, pieceLength, 1024 * KIB)
  const suspect = joinPeer(parts, 1)
  suspect.isOnParole = true
  const other = joinPeer(parts, 2)
  let asked = parts.scheduler.request(suspect, ALL, 0)
  while (parts.filled.length === 0) {
    answer(parts, suspect, asked, 1)
    if (parts.filled.length === 0) asked = parts.scheduler.request(suspect, ALL, 1)
  }
  parts.arena.give(parts.filled[0]!.buffer!)
  assert.deepEqual(parts.scheduler.request(other, ALL, 1), [])
  suspect.choke(1)
  parts.scheduler.standBack(suspect)
  assert.ok(parts.scheduler.request(other, ALL, 1).length > 0)
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
