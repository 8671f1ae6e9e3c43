import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RequestPump } from '../../src/client/request-pump.js'
import { BLOCK_BYTES } from '../../src/core/geometry.js'
import { TokenBucket } from '../../src/core/token-bucket.js'
import type { BlockRequest } from '../../src/wire/messages.js'
import { joinPeer, swarmParts } from '../kit/swarm-parts.js'

const KIB = 1024
const MIB = 1024 * KIB

test('what is asked for counts in a rate limit with its length, however short its blocks', () => {
  for (const pieceLength of [1_000, BLOCK_BYTES, BLOCK_BYTES + 1]) {
    const parts = swarmParts(1_000_000, pieceLength, 4 * MIB)
    const bucket = new TokenBucket(1, 10 * BLOCK_BYTES, 0)
    const pump = new RequestPump({ ...parts, clock: { now: () => 0 }, buckets: [bucket] })
    const asked: BlockRequest[] = []
    const ask = (requests: readonly BlockRequest[]) => void asked.push(...requests)
    pump.refill({ peer: joinPeer(parts, 1), mayBeAsked: true, ask })
    const askedBytes = asked.reduce((sum, { length }) => sum + length, 0)
    assert.ok(askedBytes > 0)
    assert.equal(bucket.available(0), 10 * BLOCK_BYTES - askedBytes)
  }
})

test('a torrent whose peers choke it, or leave, does not wait for memory any more', () => {
  const parts = swarmParts(MIB, 64 * KIB, MIB)
  const pump = new RequestPump({ ...parts, clock: { now: () => 0 }, buckets: [] })
  const asker = { peer: joinPeer(parts, 1), mayBeAsked: true, ask: () => {} }
  const another = { ...asker, peer: joinPeer(parts, 2) }
  assert.equal(parts.arena.admit(MIB), true)
  const wait = () => {
    pump.refillAll([asker, another])
    assert.equal(parts.arena.isHungry, true)
  }
  wait()
  asker.mayBeAsked = false
  wait()
  another.mayBeAsked = false
  pump.refillAll([asker, another])
  assert.equal(parts.arena.isHungry, false)
  another.mayBeAsked = true
  wait()
  pump.forget(another)
  assert.equal(parts.arena.isHungry, false)
})
