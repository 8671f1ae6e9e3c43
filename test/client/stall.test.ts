import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeStall, type StallFacts } from '../../src/client/stall.js'

const NOBODY: StallFacts = {
  knownPeers: 0,
  bannedPeers: 0,
  connectedPeers: 0,
  usefulPeers: 0,
  unchokedPeers: 0,
  writingCount: 0,
  searchTrouble: undefined,
}
const webSeeds = (knownCount: number, activeCount: number, trouble?: string) => ({
  webSeeds: { knownCount, activeCount, trouble },
})

test('a download without peers says what its web seeds do', () => {
  assert.equal(describeStall(NOBODY), 'no peers known')
  assert.equal(describeStall({ ...NOBODY, ...webSeeds(1, 0) }), 'waiting for web seeds to answer')
  assert.equal(describeStall({ ...NOBODY, ...webSeeds(1, 1) }), 'waiting for web seeds to send')
  const trouble = 'web seed h: HTTP status 404'
  assert.equal(describeStall({ ...NOBODY, ...webSeeds(0, 0, trouble) }), `no peers known; ${trouble}`)
  const tracker = { searchTrouble: 'tracker t: timed out' }
  assert.equal(
    describeStall({ ...NOBODY, ...tracker, ...webSeeds(1, 0, trouble) }),
    `no peers known; tracker t: timed out; ${trouble}`,
  )
})

test('where all peers have been banned it says so', () => {
  assert.equal(describeStall({ ...NOBODY, bannedPeers: 2 }), 'no peers but banned ones')
  assert.equal(describeStall({ ...NOBODY, bannedPeers: 2, knownPeers: 1 }), 'none of 1 known peers connected')
})

test('peers that let us download come before web seeds, and the disk before both', () => {
  const peers = { knownPeers: 3, connectedPeers: 2, usefulPeers: 2, unchokedPeers: 1 }
  assert.equal(describeStall({ ...NOBODY, ...peers, ...webSeeds(1, 1) }), 'waiting for peers to send')
  assert.equal(
    describeStall({ ...NOBODY, ...peers, writingCount: 1, ...webSeeds(1, 1) }),
    'waiting for the disk',
  )
  const choked = { ...peers, unchokedPeers: 0 }
  assert.equal(describeStall({ ...NOBODY, ...choked, ...webSeeds(1, 1) }), 'waiting for web seeds to send')
  assert.equal(
    describeStall({ ...NOBODY, ...choked, ...webSeeds(1, 0) }),
    'connected peers do not let us download yet',
  )
})
