import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BLOCK_BYTES, type PieceIndex } from '../../src/core/geometry.js'
import type { DownloadPeer } from '../../src/swarm/download-peer.js'
import { answer, joinPeer, joinReader, type SwarmParts, swarmParts } from '../kit/swarm-parts.js'

const KIB = 1024
const MIB = 1024 * KIB

function open(parts: SwarmParts, peer: DownloadPeer) {
  return parts.scheduler.opener.open(peer, 0)
}

test('a run of small pieces covers what the peer can be asked for at once, and no more', () => {
  const parts = swarmParts(64 * 16 * KIB, 16 * KIB, 16 * MIB)
  const peer = joinPeer(parts, 1)
  peer.usefulBytes = 1
  assert.equal(open(parts, peer)?.stretch.pieceCount, peer.window.blocks)
  const modest = joinPeer(parts, 2)
  modest.usefulBytes = 1
  modest.window.reqq = 1
  assert.equal(open(parts, modest)?.stretch.pieceCount, 1)
})

test('a peer that has brought nothing yet begins a whole run, for others to share', () => {
  const parts = swarmParts(128 * 16 * KIB, 16 * KIB, 16 * MIB)
  assert.equal(open(parts, joinPeer(parts, 1))?.stretch.pieceCount, 64)
})

test('the last run ends where the torrent ends', () => {
  const parts = swarmParts(3 * 32 * KIB - 5, 32 * KIB, 16 * MIB)
  const run = open(parts, joinPeer(parts, 1))
  assert.deepEqual(run?.stretch, { firstPiece: 0, pieceCount: 3, begin: 0, length: 3 * 32 * KIB - 5 })
})

test('without memory nothing is begun, and the pieces stay to be picked', () => {
  const parts = swarmParts(8 * 64 * KIB, 64 * KIB, 2 * 64 * KIB)
  const peer = joinPeer(parts, 1)
  open(parts, peer)
  open(parts, peer)
  assert.equal(parts.picker.remainingCount, 6)
  assert.equal(open(parts, peer), undefined)
  assert.equal(parts.picker.remainingCount, 6)
  assert.ok(parts.arena.isHungry)
})

test('a peer that has nothing of use takes no memory', () => {
  const parts = swarmParts(8 * 64 * KIB, 64 * KIB, MIB)
  assert.equal(open(parts, joinPeer(parts, 1, [])), undefined)
  assert.equal(parts.arena.usedBytes, 0)
})

test('a peer that found nothing finds what comes back later', () => {
  const parts = swarmParts(2 * 64 * KIB, 64 * KIB, MIB)
  const [first, second] = [joinPeer(parts, 1), joinPeer(parts, 2)]
  const run = open(parts, first)!
  open(parts, first)
  assert.equal(open(parts, second), undefined)
  parts.scheduler.opener.abandon(run)
  assert.equal(open(parts, second)?.stretch.firstPiece, 0)
})

test('a run that is given up returns its memory and its pieces, but not those that went ahead', () => {
  const parts = swarmParts(2 * 32 * KIB, 32 * KIB, MIB)
  const peer = joinPeer(parts, 1)
  const requests = parts.scheduler.request(peer, 4, 0)
  answer(parts, peer, requests.slice(0, 2), 1)
  parts.scheduler.tick(2_000)
  assert.equal(parts.filledPieces.length, 1)
  const { run } = parts.filledPieces[0]!
  parts.scheduler.release(peer)
  parts.scheduler.opener.abandon(run)
  assert.equal(parts.arena.usedBytes, 0)
  assert.equal(parts.picker.remainingCount, 1)
  assert.deepEqual(
    parts.scheduler.request(peer, 4, 2_000).map(({ index }) => index),
    [1, 1],
  )
})

test('no piece beyond the limit is begun, and raising the limit lets peers look again', () => {
  const parts = swarmParts(4 * 64 * KIB, 64 * KIB, MIB)
  const peer = joinPeer(parts, 1)
  parts.scheduler.opener.holdFrom(0, 2)
  assert.deepEqual(
    [open(parts, peer), open(parts, peer)].map((run) => run?.stretch.firstPiece),
    [0, 1],
  )
  assert.equal(open(parts, peer), undefined)
  parts.scheduler.opener.holdFrom(1, 2)
  assert.equal(open(parts, peer)?.stretch.firstPiece, 2)
})

test('what is held for the piece whose turn it is leaves memory for that, whoever is to bring it', () => {
  const parts = swarmParts(4 * 64 * KIB, 64 * KIB, 2 * 64 * KIB)
  parts.scheduler.opener.holdFrom(0, 4)
  const poor = joinPeer(parts, 1, [1, 2, 3])
  assert.equal(open(parts, poor)?.stretch.firstPiece, 1)
  assert.equal(open(parts, poor), undefined)
  assert.ok(parts.arena.isHungry)
  assert.equal(open(parts, joinPeer(parts, 2))?.stretch.firstPiece, 0)
})

test('so it is when a web seed has claimed that piece', () => {
  const parts = swarmParts(8 * 64 * KIB, 64 * KIB, 3 * 64 * KIB)
  parts.scheduler.opener.holdFrom(0, 8)
  const reader = joinReader(parts, 1)
  assert.equal(open(parts, reader)?.stretch.firstPiece, 0)
  parts.scheduler.opener.holdFrom(1, 8)
  const peer = joinPeer(parts, 2)
  assert.equal(open(parts, peer)?.stretch.firstPiece, 4)
  assert.equal(open(parts, peer), undefined)
  assert.equal(open(parts, reader)?.stretch.firstPiece, 1)
})

test('a large piece comes in parts, those of one that is begun before those of the next', () => {
  const parts = swarmParts(2 * (2 * MIB + BLOCK_BYTES), 2 * MIB + BLOCK_BYTES, 8 * MIB)
  const peer = joinPeer(parts, 1)
  const begun = Array.from({ length: 6 }, () => open(parts, peer)?.stretch)
  assert.deepEqual(
    begun.map((stretch) => [stretch?.firstPiece, (stretch?.begin ?? 0) / MIB]),
    [
      [0, 0],
      [0, 1],
      [0, 2],
      [1, 0],
      [1, 1],
      [1, 2],
    ],
  )
  assert.ok(parts.scheduler.opener.isExhausted)
})

test('on parole a peer begins large pieces of its own, and shares one only when nothing else is left', () => {
  const parts = swarmParts(2 * 2 * MIB, 2 * MIB, 8 * MIB)
  const [suspect, other] = [joinPeer(parts, 1), joinPeer(parts, 2)]
  suspect.isOnParole = true
  const first = open(parts, other)!
  const own = [open(parts, suspect), open(parts, suspect)]
  assert.deepEqual(
    own.map((run) => [run?.stretch.firstPiece, run?.exclusiveTo]),
    [
      [1, 1],
      [1, 1],
    ],
  )
  assert.equal(open(parts, suspect), undefined, 'somebody else is at it')
  parts.scheduler.parted.written(first.stretch, [2])
  assert.deepEqual(open(parts, suspect)?.stretch, {
    firstPiece: 0 as PieceIndex,
    pieceCount: 1,
    begin: MIB,
    length: MIB,
  })
})

test('a peer that reads long stretches may expect to go on beyond its run', () => {
  const parts = swarmParts(64 * MIB, MIB, 64 * MIB)
  const peer = joinReader(parts, 1)
  const { opener } = parts.scheduler
  const run = open(parts, peer)!
  assert.equal(run.stretch.firstPiece, 0)
  assert.equal(opener.reachOf(peer, 0), 0)
  parts.scheduler.request(peer, 1, 0)
  const begin = peer.run!.stretch.firstPiece * MIB
  assert.equal(opener.reachOf(peer, begin + 16 * KIB), 4 * MIB)
  assert.equal(opener.reachOf(peer, 5 * MIB), 5 * MIB)
})

test('a large piece is read in order by who reads long stretches, while others take theirs', () => {
  const parts = swarmParts(64 * MIB, 8 * MIB, 16 * MIB)
  const [one, two] = [joinReader(parts, 1), joinReader(parts, 2)]
  const begins = [one, two, one, two, one].map((peer) => {
    const { firstPiece, begin } = open(parts, peer)!.stretch
    return [firstPiece, begin / MIB]
  })
  assert.deepEqual(begins, [
    [0, 0],
    [1, 0],
    [0, 1],
    [1, 1],
    [0, 2],
  ])
})
