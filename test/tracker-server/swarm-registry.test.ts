import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { PeerPicks } from '../../src/tracker-server/peer-picks.js'
import type { SwarmRegistry } from '../../src/tracker-server/swarm-registry.js'
import { announceOf, infoHash, type SampleAnnounce, sampleRegistry } from './sample-tracker.js'

function countsOf(registry: SwarmRegistry, torrent: number): readonly number[] {
  const { seeds, leechers, completed } = registry.counts(registry.swarms.find(infoHash(torrent)))
  return [seeds, leechers, completed]
}

/** The last bytes of the addresses that an announcer hears of, in one family. */
function heard(registry: SwarmRegistry, sample: SampleAnnounce, addressBytes: 4 | 16 = 4): number[] {
  const request = announceOf(sample)
  registry.announce(request, 1)
  const picks = new PeerPicks(200)
  picks.begin(0.3)
  registry.pick(picks, addressBytes, request)
  const peers = registry.peersOf(addressBytes)
  const slots = [...picks.places.subarray(0, picks.count)].map((place) =>
    peers.lists.slotAt(registry.swarm, place),
  )
  return slots.map((slot) => peers.endpoint(slot)[addressBytes - 1]!).sort((a, b) => a - b)
}

test('an announcer hears of the others of its swarm, and not of itself', () => {
  const registry = sampleRegistry()
  assert.deepEqual(heard(registry, { host: 1 }), [])
  assert.deepEqual(heard(registry, { host: 2, isSeed: true }), [1])
  assert.deepEqual(heard(registry, { host: 3, torrent: 2 }), [])
  assert.deepEqual(heard(registry, { host: 1 }), [2])
})

test('one address and port is one peer, however often it announces; another port is another peer', () => {
  const registry = sampleRegistry()
  registry.announce(announceOf({ port: 1 }), 1)
  registry.announce(announceOf({ port: 1 }), 2)
  registry.announce(announceOf({ port: 2 }), 3)
  assert.deepEqual(countsOf(registry, 1), [0, 2, 0])
})

test('a seed hears of leechers first, and of other seeds when there is room', () => {
  const registry = sampleRegistry()
  for (let host = 10; host < 30; host++) registry.announce(announceOf({ host, isSeed: true }), 1)
  for (let host = 40; host < 43; host++) registry.announce(announceOf({ host }), 1)
  assert.deepEqual(heard(registry, { host: 1, isSeed: true, wantedCount: 3 }), [40, 41, 42])
  const more = heard(registry, { host: 1, isSeed: true, wantedCount: 10 })
  assert.equal(more.length, 10)
  assert.deepEqual(more.slice(-3), [40, 41, 42])
})

test('completions are counted once per peer, and outlive the peers', () => {
  const registry = sampleRegistry()
  registry.announce(announceOf({ host: 1, event: 'completed', isSeed: true }), 1)
  registry.announce(announceOf({ host: 1, event: 'completed', isSeed: true }), 2)
  registry.announce(announceOf({ host: 2, event: 'completed', isSeed: true }), 3)
  assert.deepEqual(countsOf(registry, 1), [2, 0, 2])
  registry.announce(announceOf({ host: 1, event: 'stopped' }), 4)
  registry.announce(announceOf({ host: 2, event: 'stopped' }), 5)
  assert.deepEqual(countsOf(registry, 1), [0, 0, 2])
})

test('a swarm that nobody is in and nobody completed is forgotten', () => {
  const registry = sampleRegistry()
  registry.announce(announceOf({ host: 1 }), 1)
  registry.announce(announceOf({ host: 1, event: 'stopped' }), 2)
  assert.deepEqual([registry.swarms.count, registry.peerCount], [0, 0])
  registry.announce(announceOf({ host: 1, event: 'stopped' }), 3)
  assert.equal(registry.swarms.count, 0)
})

test('peers that did not announce in time go, in rounds that are bounded', () => {
  const registry = sampleRegistry({ peerLifeSeconds: 100 })
  for (let host = 1; host <= 10; host++) registry.announce(announceOf({ host }), host)
  registry.announce(announceOf({ host: 1 }), 50)
  assert.equal(registry.expire(106, 3), true)
  assert.equal(registry.peerCount, 7)
  assert.equal(registry.expire(106, 100), false)
  assert.deepEqual(heard(registry, { host: 99 }), [1, 6, 7, 8, 9, 10])
})

test('a swarm without peers keeps its completions for its own time', () => {
  const registry = sampleRegistry({ peerLifeSeconds: 10, swarmLifeSeconds: 100 })
  registry.announce(announceOf({ event: 'completed', isSeed: true }), 0)
  registry.expire(50, 100)
  assert.deepEqual(countsOf(registry, 1), [0, 0, 1])
  registry.expire(101, 100)
  assert.equal(registry.swarms.count, 0)
})

test('when there are too many peers the oldest of both families makes room', () => {
  const registry = sampleRegistry({ maxPeers: 3 })
  registry.announce(announceOf({ host: 1, addressBytes: 16 }), 1)
  registry.announce(announceOf({ host: 2 }), 2)
  registry.announce(announceOf({ host: 3, addressBytes: 16 }), 3)
  registry.announce(announceOf({ host: 4 }), 4)
  assert.deepEqual([registry.peerCount, registry.ipv4.count, registry.ipv6.count], [3, 2, 1])
  registry.announce(announceOf({ host: 5 }), 5)
  assert.deepEqual([registry.ipv4.count, registry.ipv6.count], [2, 1])
})

test('when there are too many swarms the oldest goes with its peers', () => {
  const registry = sampleRegistry({ maxSwarms: 2 })
  for (let host = 1; host <= 5; host++)
    registry.announce(announceOf({ torrent: 1, host, isSeed: host < 3 }), 1)
  registry.announce(announceOf({ torrent: 2 }), 2)
  registry.announce(announceOf({ torrent: 3 }), 3)
  assert.deepEqual([registry.swarms.count, registry.peerCount], [2, 2])
  assert.deepEqual(countsOf(registry, 1), [0, 0, 0])
})

test('each family of addresses has its own list, and both count', () => {
  const registry = sampleRegistry()
  registry.announce(announceOf({ host: 1, addressBytes: 16, isSeed: true }), 1)
  registry.announce(announceOf({ host: 2 }), 1)
  assert.deepEqual(heard(registry, { host: 3 }, 16), [1])
  assert.deepEqual(heard(registry, { host: 3 }, 4), [2])
  assert.deepEqual(countsOf(registry, 1), [1, 2, 0])
})

/** What a registry does, in the plainest way. */
class PlainRegistry {
  readonly peers = new Map<string, { torrent: number; isSeed: boolean; seen: number }>()

  announce(
    sample: Required<Pick<SampleAnnounce, 'torrent' | 'host' | 'isSeed' | 'event'>>,
    now: number,
  ): void {
    const key = `${sample.torrent} ${sample.host}`
    this.peers.delete(key)
    if (sample.event !== 'stopped') this.peers.set(key, { ...sample, seen: now })
  }

  expire(deadline: number): void {
    for (const [key, { seen }] of this.peers) if (seen < deadline) this.peers.delete(key)
  }

  counts(torrent: number): readonly [number, number] {
    const members = [...this.peers.values()].filter((peer) => peer.torrent === torrent)
    const seeds = members.filter((peer) => peer.isSeed).length
    return [seeds, members.length - seeds]
  }
}

test('whatever peers do in whatever order, it counts and lists the same as a plain map', () => {
  const step = fc.record({
    torrent: fc.integer({ min: 1, max: 4 }),
    host: fc.integer({ min: 1, max: 40 }),
    isSeed: fc.boolean(),
    event: fc.constantFrom('update' as const, 'update' as const, 'started' as const, 'stopped' as const),
    seconds: fc.nat({ max: 5 }),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const registry = sampleRegistry({ peerLifeSeconds: 60 })
      const plain = new PlainRegistry()
      let now = 0
      for (const sample of steps) {
        now += sample.seconds
        registry.announce(announceOf(sample), now)
        plain.announce(sample, now)
        registry.expire(now, 1_000)
        plain.expire(now - 60)
        assert.equal(registry.peerCount, plain.peers.size)
      }
      for (let torrent = 1; torrent <= 4; torrent++) {
        assert.deepEqual(countsOf(registry, torrent).slice(0, 2), plain.counts(torrent))
        const expected = [...plain.peers.keys()].filter((key) => key.startsWith(`${torrent} `))
        const hosts = expected.map((key) => Number(key.split(' ')[1])).sort((a, b) => a - b)
        assert.deepEqual(heard(registry, { torrent, host: 99, wantedCount: 200 }), hosts)
      }
    }),
    { numRuns: 60 },
  )
})
