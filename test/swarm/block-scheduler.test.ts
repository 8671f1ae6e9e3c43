import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PeerError } from '../../src/core/errors.js'
import { BLOCK_BYTES, type PieceIndex } from '../../src/core/geometry.js'
import { answer, joinPeer, swarmParts } from '../kit/swarm-parts.js'

const KIB = 1024
const MIB = 1024 * KIB
const ALL = Number.POSITIVE_INFINITY

/** Eight pieces of two blocks, and memory for all of them. */
const smallTorrent = () => swarmParts(8 * 32 * KIB, 32 * KIB, 8 * MIB)

test('a peer that chokes us is asked for nothing, and what it owed is asked of others', () => {
  const parts = smallTorrent()
  const [first, second] = [joinPeer(parts, 1), joinPeer(parts, 2)]
  const asked = parts.scheduler.request(first, ALL, 0)
  first.isChoking = true
  parts.scheduler.release(first)
  assert.deepEqual(parts.scheduler.request(first, ALL, 0), [])
  assert.deepEqual(parts.scheduler.request(second, asked.length, 0), asked)
})

test('a choked peer whose blocks were on the way has them taken, and whoever else was asked is told', () => {
  const parts = smallTorrent()
  const [first, second] = [joinPeer(parts, 1), joinPeer(parts, 2)]
  const asked = parts.scheduler.request(first, 4, 0)
  parts.scheduler.release(first)
  parts.scheduler.request(second, 4, 0)
  answer(parts, first, asked, 1)
  assert.equal(parts.scheduler.wastedBytes, 0)
  assert.deepEqual(
    parts.cancelled,
    asked.map((request) => ({ peer: second, request })),
  )
  assert.equal(second.window.outstandingCount, 0)
})

test('nothing is asked beyond what the caller allows', () => {
  const parts = smallTorrent()
  const peer = joinPeer(parts, 1)
  assert.equal(parts.scheduler.request(peer, 0, 0).length, 0)
  assert.equal(parts.scheduler.request(peer, 3, 0).length, 3)
})

test('a run that is full goes to the disk once, and its memory stays counted until it is given back', () => {
  const parts = smallTorrent()
  const peer = joinPeer(parts, 1)
  peer.usefulBytes = 1
  answer(parts, peer, parts.scheduler.request(peer, ALL, 0), 1)
  assert.equal(parts.filled.length, 1)
  assert.equal(parts.arena.usedBytes, parts.grid.bufferBytes)
  parts.arena.give(parts.filled[0]!.buffer!)
  assert.equal(parts.arena.usedBytes, 0)
})

test('in the endgame a block is asked of another too, and the one who is late is told to stop', () => {
  const parts = swarmParts(2 * BLOCK_BYTES, 2 * BLOCK_BYTES, MIB)
  const [slow, fast] = [joinPeer(parts, 1), joinPeer(parts, 2)]
  const asked = parts.scheduler.request(slow, ALL, 0)
  assert.equal(asked.length, 2)
  const again = parts.scheduler.request(fast, ALL, 0)
  assert.equal(again.length, 2)
  answer(parts, fast, again, 1)
  assert.deepEqual(
    parts.cancelled.map(({ peer }) => peer),
    [slow, slow],
  )
  assert.equal(parts.filled.length, 1)
  answer(parts, slow, asked, 2)
  assert.equal(parts.scheduler.wastedBytes, 2 * BLOCK_BYTES)
})

test('a block that nobody asked for is dropped', () => {
  const parts = smallTorrent()
  const [asked, pushy] = [joinPeer(parts, 1), joinPeer(parts, 2)]
  const requests = parts.scheduler.request(asked, ALL, 0)
  answer(parts, pushy, requests, 1)
  assert.equal(parts.scheduler.wastedBytes, requests.length * BLOCK_BYTES)
  assert.equal(pushy.usefulBytes, 0)
  answer(parts, asked, requests, 2)
  assert.equal(asked.usefulBytes, requests.length * BLOCK_BYTES)
})

test('a peer that goes on sending what nobody asked for is refused in the end', () => {
  const parts = smallTorrent()
  const pushy = joinPeer(parts, 1)
  const request = { index: 0, begin: 0, length: BLOCK_BYTES }
  const isUnwanted = (error: unknown) => error instanceof PeerError && error.code === 'UNWANTED_BLOCKS'
  const flood = () => {
    for (let count = 0; count < 2_000; count++) answer(parts, pushy, [request], 1)
  }
  assert.throws(flood, isUnwanted)
  assert.ok(parts.scheduler.receivedBytes <= 17 * MIB)
})

test('a block that cannot be one of this torrent is refused', () => {
  const parts = swarmParts(100_000, 32 * KIB, 8 * MIB)
  const peer = joinPeer(parts, 1)
  const block = { type: 'block' as const, index: 0, begin: 0, length: BLOCK_BYTES, offset: 0 }
  const wrong = [
    { ...block, index: 4 },
    { ...block, index: 0xffffffff },
    { ...block, begin: 1 },
    { ...block, begin: 32 * KIB },
    { ...block, length: BLOCK_BYTES - 1 },
    { ...block, length: BLOCK_BYTES + 1 },
    { ...block, index: 3, length: BLOCK_BYTES },
  ]
  for (const part of wrong) {
    const accept = () => parts.scheduler.accept(peer, { ...part, bytes: new Uint8Array(1) }, 0)
    const isFault = (error: unknown) => {
      return error instanceof PeerError && ['UNKNOWN_PIECE', 'BAD_MESSAGE'].includes(error.code)
    }
    assert.throws(accept, isFault, JSON.stringify(part))
  }
})

test('pieces that are complete do not wait long for the others of their run', () => {
  const parts = smallTorrent()
  const peer = joinPeer(parts, 1)
  peer.usefulBytes = 1
  const requests = parts.scheduler.request(peer, ALL, 0)
  answer(parts, peer, requests.slice(0, 3), 1)
  parts.scheduler.tick(1_000)
  assert.deepEqual(parts.filledPieces, [])
  parts.scheduler.tick(2_000)
  parts.scheduler.tick(3_000)
  assert.deepEqual(
    parts.filledPieces.map(({ slot }) => slot),
    [0],
    'once',
  )
  answer(parts, peer, requests.slice(3), 4_000)
  assert.deepEqual([parts.filled.length, parts.filled[0]!.isHandedOver(0)], [1, true])
})

test('when memory is spent, a run that has not moved may be finished by somebody else', () => {
  const parts = swarmParts(8 * 64 * KIB, 64 * KIB, 2 * 64 * KIB)
  const [mute, other] = [joinPeer(parts, 1), joinPeer(parts, 2)]
  assert.equal(parts.scheduler.request(mute, ALL, 0).length, 8, 'it holds all of the memory')
  assert.deepEqual(parts.scheduler.request(other, ALL, 1_000), [])
  const taken = parts.scheduler.request(other, ALL, 2_000)
  assert.equal(taken.length, 8)
  answer(parts, other, taken, 2_100)
  assert.equal(parts.filled.length, 2)
})

test('memory that was short and no longer is gives no reason to ask twice or to throw away', () => {
  const parts = swarmParts(8 * 64 * KIB, 64 * KIB, 2 * 64 * KIB)
  const [first, second] = [joinPeer(parts, 1, [0]), joinPeer(parts, 2, [1])]
  const third = joinPeer(parts, 3, [0, 2])
  const fromFirst = parts.scheduler.request(first, ALL, 0)
  answer(parts, second, parts.scheduler.request(second, ALL, 0), 1)
  assert.deepEqual(parts.scheduler.request(third, ALL, 1), [], 'it finds no memory')
  parts.arena.give(parts.filled[0]!.buffer!)
  parts.picker.remove(2 as PieceIndex)
  answer(parts, first, fromFirst.slice(0, 1), 2)
  parts.scheduler.release(first)
  parts.scheduler.tick(5_000)
  assert.equal(parts.scheduler.wastedBytes, 0)
})

test('a peer on parole fills runs alone: it joins no other, and nobody joins its own', () => {
  const parts = swarmParts(4 * 64 * KIB, 64 * KIB, MIB)
  const [suspect, other] = [joinPeer(parts, 1), joinPeer(parts, 2)]
  const shared = parts.scheduler.request(other, 2, 0)
  suspect.isOnParole = true
  const own = parts.scheduler.request(suspect, 3, 0)
  assert.deepEqual(new Set(own.map(({ index }) => index)), new Set([1]))
  const rest = parts.scheduler.request(other, ALL, 0)
  assert.ok([...shared, ...rest].every(({ index }) => index !== 1))
  answer(parts, other, [...shared, ...rest], 1)
  answer(parts, other, parts.scheduler.request(other, ALL, 1), 2)
  assert.deepEqual(parts.scheduler.request(other, ALL, 3), [], 'not even in the endgame')
})

test('a late block of another peer does not get into a run that is filled on parole', () => {
  const parts = swarmParts(64 * KIB, 64 * KIB, MIB)
  const [late, suspect] = [joinPeer(parts, 1), joinPeer(parts, 2)]
  const asked = parts.scheduler.request(late, 1, 0)
  parts.scheduler.release(late)
  parts.scheduler.tick(3_000)
  suspect.isOnParole = true
  assert.equal(parts.scheduler.request(suspect, ALL, 3_000).length, 4)
  answer(parts, late, asked, 3_001)
  assert.equal(late.usefulBytes, 0)
})

test('a run that only peers on parole could go on with is begun anew, by one of them alone', () => {
  const parts = swarmParts(64 * KIB, 64 * KIB, MIB)
  const [gone, suspect] = [joinPeer(parts, 1), joinPeer(parts, 2)]
  suspect.isOnParole = true
  answer(parts, gone, parts.scheduler.request(gone, 1, 0), 1)
  parts.scheduler.remove(gone)
  assert.deepEqual(parts.scheduler.request(suspect, ALL, 2), [])
  parts.scheduler.tick(3_000)
  answer(parts, suspect, parts.scheduler.request(suspect, ALL, 3_000), 3_001)
  assert.deepEqual([...parts.filled[0]!.sourcesOf(0)], [2])
})

test('a part of a large piece that is kept for a silent peer on parole comes free', () => {
  const parts = swarmParts(3 * MIB, 3 * MIB, 2 * MIB)
  const [silent, other] = [joinPeer(parts, 1), joinPeer(parts, 2)]
  silent.isOnParole = true
  assert.equal(parts.scheduler.request(silent, ALL, 0).length, 8)
  assert.deepEqual(parts.scheduler.request(other, ALL, 0), [])
  parts.scheduler.tick(20_000)
  assert.ok(parts.scheduler.request(other, ALL, 20_000).length > 0)
})

test('what a peer let expire is for others first: it does not take the same up again at once', () => {
  const parts = swarmParts(64 * KIB, 64 * KIB, MIB)
  const [silent, other] = [joinPeer(parts, 1), joinPeer(parts, 2, [])]
  const asked = parts.scheduler.request(silent, ALL, 0)
  parts.scheduler.tick(20_000)
  assert.deepEqual(parts.scheduler.request(silent, ALL, 20_000), [])
  other.has.setAll()
  assert.deepEqual(parts.scheduler.request(other, ALL, 20_000), asked)
})

test('a block begun for a run that was given up answers no request for the run that follows', () => {
  const parts = swarmParts(64 * KIB, 64 * KIB, MIB)
  const peer = joinPeer(parts, 1)
  const [request] = parts.scheduler.request(peer, 1, 0)
  const half = { type: 'block' as const, ...request!, bytes: new Uint8Array(BLOCK_BYTES / 2) }
  parts.scheduler.accept(peer, { ...half, offset: 0 }, 1)
  parts.scheduler.release(peer)
  parts.scheduler.tick(3_000)
  assert.equal(parts.arena.usedBytes, 0, 'the run was given up')
  const asked = parts.scheduler.request(peer, 1, 3_000)
  assert.deepEqual(asked, [request])
  parts.scheduler.accept(peer, { ...half, offset: BLOCK_BYTES / 2 }, 3_001)
  assert.equal(peer.window.outstandingCount, 1, 'the new request stands')
  answer(parts, peer, asked, 3_002)
  assert.equal(peer.usefulBytes, BLOCK_BYTES)
})

test('what was on its way to a torrent that rests takes no memory from others', () => {
  const parts = smallTorrent()
  const peer = joinPeer(parts, 1)
  const asked = parts.scheduler.request(peer, 2, 0)
  answer(parts, peer, asked.slice(0, 1), 500)
  parts.scheduler.tick(500)
  assert.ok(parts.arena.wayBytes > 0)
  parts.scheduler.remove(peer)
  parts.scheduler.abandonAll()
  assert.equal(parts.arena.wayBytes, 0)
  assert.equal(parts.arena.usedBytes, 0)
})
