import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findUseless } from '../../src/swarm/useless-peer.js'

const NEVER = Number.NEGATIVE_INFINITY

test('a peer that was of use lately stays, however long it is here', () => {
  assert.equal(findUseless([{ number: 1, connectedMs: 0, usefulMs: 75_000 }], 100_000), undefined)
})

test('a peer that has just come has its chance', () => {
  assert.equal(findUseless([{ number: 1, connectedMs: 80_000, usefulMs: NEVER }], 100_000), undefined)
})

test('the one that has been of no use for the longest goes first', () => {
  const peers = [
    { number: 1, connectedMs: 60_000, usefulMs: NEVER },
    { number: 2, connectedMs: 0, usefulMs: 20_000 },
    { number: 3, connectedMs: 10_000, usefulMs: NEVER },
    { number: 4, connectedMs: 0, usefulMs: 99_000 },
  ]
  assert.equal(findUseless(peers, 100_000), 3)
})

test('nobody goes where nobody is', () => {
  assert.equal(findUseless([], 100_000), undefined)
})
