import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { restoreSnapshot, SnapshotSeal, snapshotEntries } from '../../src/tracker-server/snapshot.js'
import { StateFile } from '../../src/tracker-server/state-file.js'
import type { SwarmRegistry } from '../../src/tracker-server/swarm-registry.js'
import { announceOf, infoHash, sampleRegistry } from './sample-tracker.js'

const SAVED = { nowSeconds: 5_000, unixSeconds: 1_000_000 }
/** Another process, whose clock began later; ten seconds were spent in between. */
const RESTORED = { nowSeconds: 3, unixSeconds: 1_000_010 }

function busyRegistry(): SwarmRegistry {
  const registry = sampleRegistry()
  registry.announce(announceOf({ torrent: 1, host: 1, event: 'completed', isSeed: true }), 4_000)
  registry.announce(announceOf({ torrent: 1, host: 2 }), 4_500)
  registry.announce(announceOf({ torrent: 2, host: 3, addressBytes: 16 }), 4_900)
  registry.announce(announceOf({ torrent: 3, host: 4, event: 'completed', isSeed: true }), 4_950)
  registry.announce(announceOf({ torrent: 3, host: 4, event: 'stopped' }), 4_960)
  return registry
}

function bytesOf(registry: SwarmRegistry): Buffer {
  const seal = new SnapshotSeal(SAVED.unixSeconds)
  const batches = [...snapshotEntries(registry, SAVED.nowSeconds)].map((batch) => seal.add(batch))
  return Buffer.concat([seal.head, ...batches, seal.end()])
}

function countsOf(registry: SwarmRegistry): unknown[] {
  return [1, 2, 3].map((torrent) => Object.values(registry.counts(registry.swarms.find(infoHash(torrent)))))
}

test('what was saved comes back: peers of both families, seeds, completions', () => {
  const registry = sampleRegistry()
  assert.equal(restoreSnapshot(bytesOf(busyRegistry()), registry, RESTORED), true)
  assert.deepEqual(countsOf(registry), [
    [1, 1, 1],
    [0, 1, 0],
    [0, 0, 1],
  ])
  registry.announce(announceOf({ torrent: 1, host: 1, event: 'completed', isSeed: true }), 3)
  assert.equal(registry.counts(registry.swarms.find(infoHash(1))).completed, 1)
})

test('peers are as old as they were, and the time in between', () => {
  const registry = sampleRegistry({ peerLifeSeconds: 505 })
  restoreSnapshot(bytesOf(busyRegistry()), registry, RESTORED)
  assert.equal(registry.peerCount, 1)
  registry.expire(3 + 505 - 110, 10)
  assert.equal(registry.peerCount, 1)
  registry.expire(3 + 505 - 109, 10)
  assert.equal(registry.peerCount, 0)
})

test('a registry that became smaller keeps the youngest', () => {
  const registry = sampleRegistry({ maxPeers: 1 })
  restoreSnapshot(bytesOf(busyRegistry()), registry, RESTORED)
  assert.deepEqual([registry.ipv4.count, registry.ipv6.count], [0, 1])
})

test('of a snapshot that lost its end or of which any byte changed nothing is believed', () => {
  const whole = bytesOf(busyRegistry())
  for (let at = 0; at < whole.length; at++) {
    const changed = Buffer.from(whole)
    changed[at]! ^= 0x41
    for (const bytes of [changed, whole.subarray(0, at)]) {
      const registry = sampleRegistry()
      assert.equal(restoreSnapshot(bytes, registry, RESTORED), false)
      assert.equal(registry.peerCount, 0)
    }
  }
})

test('bytes with a right checksum but no sense do no harm', () => {
  const head = bytesOf(sampleRegistry()).subarray(0, 16)
  const entry = fc.tuple(fc.constantFrom(0, 1, 2, 4, 6), fc.uint8Array({ maxLength: 80 }))
  fc.assert(
    fc.property(fc.array(entry), (entries) => {
      const parts = entries.map(([kind, bytes]) => Buffer.concat([Buffer.of(kind), bytes]))
      const body = Buffer.concat([head, ...parts, Buffer.of(0)])
      const bytes = Buffer.concat([body, createHash('sha256').update(body).digest()])
      const registry = sampleRegistry()
      restoreSnapshot(bytes, registry, RESTORED)
      while (registry.expire(10_000_000, 100)) {}
      assert.equal(registry.peerCount + registry.swarms.count, 0)
    }),
  )
})

test('any entries that fit come back without breaking the tables', () => {
  const head = bytesOf(sampleRegistry()).subarray(0, 16)
  const peer = fc
    .uint8Array({ minLength: 52, maxLength: 52 })
    .map((rest) => Buffer.concat([Buffer.of(4), rest]))
  fc.assert(
    fc.property(fc.array(peer, { minLength: 1 }), (peers) => {
      const body = Buffer.concat([head, ...peers.map((bytes) => bytes.subarray(0, 52)), Buffer.of(0)])
      const bytes = Buffer.concat([body, createHash('sha256').update(body).digest()])
      const registry = sampleRegistry({ peerLifeSeconds: 2 ** 30, swarmLifeSeconds: 2 ** 30 })
      assert.equal(restoreSnapshot(bytes, registry, RESTORED), true)
      assert.ok(registry.peerCount >= 1 && registry.peerCount <= peers.length)
    }),
  )
})

test('the state file is replaced as a whole, and what is no state is as good as none', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'swarmfetch-state-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'state')
  assert.equal(await new StateFile(path).restore(sampleRegistry(), RESTORED), 'nothing there')
  const file = new StateFile(path)
  const save = () =>
    file.save(
      () => SAVED.unixSeconds,
      () => snapshotEntries(busyRegistry(), SAVED.nowSeconds),
    )
  await Promise.all([save(), save()])
  assert.deepEqual(readdirSync(folder), ['state'])
  assert.deepEqual(readFileSync(path), bytesOf(busyRegistry()))
  const registry = sampleRegistry()
  assert.equal(await new StateFile(path).restore(registry, RESTORED), 'restored')
  assert.equal(registry.peerCount, 3)
  writeFileSync(path, 'something else')
  assert.equal(await new StateFile(path).restore(sampleRegistry(), RESTORED), 'damaged')
})
