import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Bitfield } from '../../src/core/bitfield.js'
import { Geometry, type PieceIndex } from '../../src/core/geometry.js'
import { Claims } from '../../src/swarm/claims.js'
import { DownloadPeer } from '../../src/swarm/download-peer.js'
import { type PickOrder, PiecePicker } from '../../src/swarm/piece-picker.js'
import { RequestWindow } from '../../src/swarm/request-window.js'
import { RunGrid } from '../../src/swarm/run-grid.js'
import { seededDice } from '../kit/dice.js'

const MIB = 1024 * 1024
const all = () => true

function setUp(pieceCount: number, order: PickOrder = 'rarestFirst', pieceLength = MIB) {
  const geometry = new Geometry(pieceCount * pieceLength, pieceLength, [])
  const picker = new PiecePicker(pieceCount, order, seededDice(1))
  for (let index = 0; index < pieceCount; index++) picker.add(index as PieceIndex)
  return { picker, claims: new Claims(new RunGrid(geometry, 64 * MIB), picker) }
}

function reader(number: number): DownloadPeer {
  const window = new RequestWindow({ reqq: 128, requestMinMs: 20_000, requestMaxMs: 60_000 }, 0)
  return new DownloadPeer(number, new Bitfield(0), window, new Set())
}

function takeFirsts(claims: Claims, peer: DownloadPeer, count: number): (number | undefined)[] {
  return Array.from({ length: count }, () => claims.take(peer, all, 1)?.first)
}

test('a reader gets neighbouring pieces, one after the other, and knows how far that goes', () => {
  const { picker, claims } = setUp(1_000)
  const peer = reader(1)
  assert.deepEqual(takeFirsts(claims, peer, 40), [...Array(40).keys()])
  assert.equal(claims.endFrom(peer, 40), 48)
  assert.equal(claims.endFrom(peer, 39), 39)
  assert.equal(picker.remainingCount, 1_000 - 48)
})

test('readers do not come into the way of each other', () => {
  const { claims } = setUp(1_000)
  const peers = [reader(1), reader(2), reader(3)]
  const firsts = peers.map((peer) => claims.take(peer, all, 1)!.first)
  for (let round = 1; round < 30; round++) {
    for (const [at, peer] of peers.entries()) {
      assert.equal(claims.take(peer, all, 1)!.first, firsts[at]! + round)
    }
  }
})

test('claims become shorter towards the end', () => {
  const { claims } = setUp(20)
  const peer = reader(1)
  claims.take(peer, all, 1)
  assert.equal(claims.endFrom(peer, 1), 10)
})

test('pieces in order are not claimed far ahead, and always the first ones', () => {
  const { claims } = setUp(1_000, 'sequential')
  const [one, two] = [reader(1), reader(2)]
  assert.deepEqual(takeFirsts(claims, one, 2), [0, 1])
  assert.deepEqual(takeFirsts(claims, two, 1), [4])
  assert.deepEqual(takeFirsts(claims, one, 3), [2, 3, 8])
})

test('small pieces are taken in groups that share a run', () => {
  const { claims } = setUp(1_000, 'rarestFirst', 256 * 1024)
  const peer = reader(1)
  assert.deepEqual(claims.take(peer, all, 9), { first: 0, count: 4 })
  assert.deepEqual(claims.take(peer, all, 3), { first: 4, count: 3 })
  assert.deepEqual(claims.take(peer, all, 9), { first: 7, count: 1 })
})

test('who finds nothing else gets the far half of the largest claim', () => {
  const { picker, claims } = setUp(64)
  const peer = reader(1)
  claims.take(peer, all, 1)
  for (let index = 16; index < 64; index++) picker.remove(index as PieceIndex)
  assert.equal(picker.remainingCount, 0)
  assert.equal(
    claims.yieldTo((index) => index < 8),
    false,
  )
  assert.ok(claims.yieldTo(all))
  assert.equal(claims.endFrom(peer, 1), 8)
  assert.equal(picker.remainingCount, 8)
  assert.ok(claims.yieldTo((index) => index === 7))
  assert.equal(claims.endFrom(peer, 1), 4)
})

test('what a reader leaves can be picked again, all of it', () => {
  const { picker, claims } = setUp(64)
  const peer = reader(1)
  claims.take(peer, all, 1)
  assert.equal(claims.isEmpty, false)
  claims.giveBack(peer)
  claims.giveBack(peer)
  assert.ok(claims.isEmpty)
  assert.equal(picker.remainingCount, 63)
})

test('a claim ends before a piece that the reader turns out not to have', () => {
  const { picker, claims } = setUp(64)
  const peer = reader(1)
  claims.take(peer, all, 1)
  const lacks = (index: number) => index < 1 || index > 20
  assert.equal(claims.take(peer, lacks, 1)!.first, 21)
  assert.ok(picker.take((index) => index === 1, 1, 1))
})

test('what no peer is known to have comes first', () => {
  const { picker, claims } = setUp(64)
  for (let index = 0; index < 64; index++)
    if (index !== 40 && index !== 41) picker.peerHas(index as PieceIndex)
  const peer = reader(1)
  assert.deepEqual(takeFirsts(claims, peer, 3), [40, 41, 42])
})
