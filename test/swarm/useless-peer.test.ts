import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findUseless } from '../../src/swarm/useless-peer.js'

const NEVER = Number.NEGATIVE_INFINITY

const peer = (number: number, connectedMs: number, usefulMs: number, isPointless = false) => ({
  number,
  isPointless,
  isKeptWaiting: false,
  connectedMs,
  usefulMs,
})

test('a peer that was of use lately stays, however long it is here', () => {
  assert.equal(findUseless([peer(1, 0, 75_000)], 100_000), undefined)
})

test('a peer that has just come has its chance', () => {
  assert.equal(findUseless([peer(1, 80_000, NEVER)], 100_000), undefined)
})

test('the one that has been of no use for the longest goes first', () => {
  const peers = [peer(1, 60_000, NEVER), peer(2, 0, 20_000), peer(3, 10_000, NEVER), peer(4, 0, 99_000)]
  assert.equal(findUseless(peers, 100_000), 3)
})

test('a peer that never will be of use goes first, whatever it was good for', () => {
  const peers = [peer(1, 0, NEVER), peer(2, 99_000, 100_000, true), peer(3, 0, 5)]
  assert.equal(findUseless(peers, 100_000), 2)
})

test('a peer that we keep waiting is not of no use', () => {
  const waiting = { ...peer(1, 0, NEVER), isKeptWaiting: true }
  assert.equal(findUseless([waiting], 1e9), undefined)
  assert.equal(findUseless([waiting, peer(2, 60_000, NEVER)], 100_000), 2)
})

test('nobody goes where nobody is', () => {
  assert.equal(findUseless([], 100_000), undefined)
})
