import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { ShardMap } from '../../../src/tracker-server/shards/shard-map.js'

const key = Uint8Array.from({ length: 16 }, (_, at) => at)
const infoHashes = Array.from({ length: 3_000 }, (_, at) => createHash('sha1').update(`${at}`).digest())

test('every process finds the same owner, and each owns about as many as the others', () => {
  const maps = [0, 1, 2].map((own) => new ShardMap(own, 3, key))
  const counts = [0, 0, 0]
  for (const infoHash of infoHashes) {
    const owner = maps[0]!.ownerOf(infoHash)
    assert.deepEqual(
      maps.map((map) => map.owns(infoHash)),
      [0, 1, 2].map((own) => own === owner),
    )
    counts[owner]!++
  }
  for (const count of counts) assert.ok(count > 900 && count < 1_100, `${counts}`)
})

test('an info hash in a packet has the owner that it has alone', () => {
  const map = new ShardMap(0, 5, key)
  for (const infoHash of infoHashes.slice(0, 100)) {
    const packet = Buffer.concat([Buffer.alloc(16), infoHash, Buffer.alloc(62)])
    assert.equal(map.ownerAt(packet, 16), map.ownerOf(infoHash))
  }
})

test('without the key nobody can tell who owns what', () => {
  const other = new ShardMap(0, 2, new Uint8Array(16))
  const map = new ShardMap(0, 2, key)
  const same = infoHashes.filter((infoHash) => map.ownerOf(infoHash) === other.ownerOf(infoHash)).length
  assert.ok(same > 1_350 && same < 1_650, `${same} of 3000`)
})
