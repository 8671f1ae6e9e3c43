import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { announceQuery, percentEncoded } from '../http-queries.js'
import { trackerFolder } from '../running-tracker.js'
import { infoHash } from '../sample-tracker.js'
import { announcePacket, connectPacket, scrapePacket } from '../udp-packets.js'
import { client, type TwoShards, twoShards } from './two-shards.js'

async function connectionId({ ask }: TwoShards, shard: number): Promise<Buffer> {
  return (await ask(shard, connectPacket(1))).answer.subarray(8)
}

test('an announce is answered by whoever has the torrent, with an id that any process gave out', async (t) => {
  const two = twoShards(t)
  for (const giver of [0, 1]) {
    const id = await connectionId(two, giver)
    for (const receiver of [0, 1]) {
      for (const owner of [0, 1]) {
        const torrent = two.torrentsOf(owner)[5]!
        const { answer, from } = await two.ask(receiver, announcePacket(id, { torrent, port: 7 }))
        assert.deepEqual([answer.readInt32BE(0), from], [1, owner])
      }
    }
  }
  assert.deepEqual(
    two.shards.map(({ parts }) => parts.registry.peerCount),
    [1, 1],
  )
})

test('an HTTP announce comes back with the peers of a torrent that another process has', async (t) => {
  const { shards, torrentsOf } = twoShards(t)
  for (const owner of [0, 1]) {
    const torrent = torrentsOf(owner)[0]!
    for (const [port, shard] of shards.entries()) {
      const answer = await shard.http.announce(announceQuery(torrent, 256 + port), 0, '10.0.0.1')
      assert.ok(answer.endsWith(port === 0 ? '5:peers0:e' : '5:peers6:\n\0\0\x01\x01\0e'))
    }
    assert.equal(shards[owner]!.parts.registry.swarms.count, 1)
  }
})

test('an announce belongs to the last info hash that it names, as it does for whoever answers', async (t) => {
  const { shards, torrentsOf } = twoShards(t)
  const [mine, others] = [torrentsOf(0)[0]!, torrentsOf(1)[0]!]
  const broken = '&info_hash=short'
  const query = `${announceQuery(mine, 1)}${broken}&info_hash=${percentEncoded(infoHash(others))}`
  assert.match(await shards[0].http.announce(query, 0, '10.0.0.1'), /8:interval/)
  assert.deepEqual(
    shards.map(({ parts }) => parts.registry.peerCount),
    [0, 1],
  )
  assert.match(
    await shards[0].http.announce(announceQuery(mine, 1, broken), 0, '10.0.0.1'),
    /is not 20 bytes/,
  )
})

test('a scrape of torrents of several processes has them in the order of the request', async (t) => {
  const two = twoShards(t)
  const torrents = [
    two.torrentsOf(1)[0]!,
    two.torrentsOf(0)[0]!,
    two.torrentsOf(1)[1]!,
    two.torrentsOf(0)[1]!,
  ]
  const id = await connectionId(two, 0)
  for (const [place, torrent] of torrents.entries()) {
    for (let port = 1; port <= place + 1; port++) {
      await two.ask(port % 2, announcePacket(id, { torrent, port, left: 0n }))
    }
  }
  const infoHashes = torrents.map(infoHash)
  for (const shard of [0, 1]) {
    const { answer, from } = await two.ask(shard, scrapePacket(id, infoHashes))
    assert.deepEqual(
      torrents.map((_, place) => answer.readInt32BE(8 + 12 * place)),
      [1, 2, 3, 4],
    )
    assert.equal(from, shard)
    const query = infoHashes.map((bytes) => `info_hash=${percentEncoded(bytes)}`).join('&')
    const text = await two.shards[shard]!.http.scrape(query, 0)
    assert.deepEqual([...text.matchAll(/8:completei(\d)e/g)].map(([, count]) => count).toSorted(), [
      ...'1234',
    ])
  }
  const sum = (name: 'announces' | 'scrapes') =>
    two.shards.reduce((all, { parts }) => all + parts.udp.counts[name], 0)
  assert.deepEqual([sum('announces'), sum('scrapes')], [10, 2])
})

test('a scrape that names none has the torrents of all processes, unless they are too many', async (t) => {
  const { shards } = twoShards(t)
  for (let torrent = 0; torrent < 250; torrent++) {
    await shards[0].http.announce(announceQuery(torrent, 1), 0, '10.0.0.1')
  }
  const text = await shards[1].http.scrape('', 0)
  assert.equal([...text.matchAll(/10:incompletei1e/g)].length, 250)
  for (let number = 0; number < 1_000; number++) {
    const bytes = Buffer.alloc(20)
    bytes.writeUInt32BE(number + 1)
    const query = announceQuery(1, 1, `&info_hash=${percentEncoded(bytes)}`)
    await shards[0].http.announce(query, 0, '10.0.0.1')
  }
  assert.match(await shards[1].http.scrape('', 0), /failure reason.*too many/)
})

test('a scrape with a wrong id meets silence wherever its torrents are', async (t) => {
  const { shards, torrentsOf } = twoShards(t)
  const packet = scrapePacket(Buffer.alloc(8), [torrentsOf(0)[0]!, torrentsOf(1)[0]!].map(infoHash))
  const heard: unknown[] = []
  shards[0].attach([{ take() {}, send: (answer) => heard.push(answer) }])
  assert.equal(shards[0].udp(0).receive(packet, client, {} as never), 0)
  await shards[0].post.call(1, 'list', Buffer.alloc(4))
  assert.deepEqual([heard, shards[0].parts.udp.counts.ignored], [[], 1])
})

test('denied torrents are denied by whoever has them, and are not in a scrape', async (t) => {
  const denyFile = join(trackerFolder(), 'deny')
  const two = twoShards(t, { denyFile })
  const torrents = [two.torrentsOf(0)[0]!, two.torrentsOf(1)[0]!]
  writeFileSync(
    denyFile,
    torrents.map((torrent) => Buffer.from(infoHash(torrent)).toString('hex')).join('\n'),
  )
  for (const { parts } of two.shards) await parts.lists.read({ all: true })
  const id = await connectionId(two, 0)
  for (const torrent of torrents) {
    const { answer } = await two.ask(0, announcePacket(id, { torrent, port: 1 }))
    assert.match(answer.toString('latin1', 8), /does not serve/)
    assert.match(
      await two.shards[0].http.announce(announceQuery(torrent, 1), 0, '10.0.0.1'),
      /does not serve/,
    )
  }
  const query = torrents.map((torrent) => `info_hash=${percentEncoded(infoHash(torrent))}`).join('&')
  assert.equal(await two.shards[0].http.scrape(query, 0), 'd5:filesdee')
})

test('when the other process is gone, HTTP says so and UDP is silent', async (t) => {
  const { shards, torrentsOf } = twoShards(t)
  shards[0].post.detach(1)
  const [torrent] = torrentsOf(1)
  const answers = [
    shards[0].http.announce(announceQuery(torrent!, 1), 0, '10.0.0.1'),
    shards[0].http.scrape(`info_hash=${percentEncoded(infoHash(torrent!))}`, 0),
  ]
  for (const answer of await Promise.all(answers))
    assert.match(answer, /^d14:failure reason\d+:the tracker is busy/)
  const packet = announcePacket(Buffer.alloc(8), { torrent: torrent!, port: 1 })
  assert.equal(shards[0].udp(0).receive(packet, client, {} as never), 0)
  await setImmediate()
})

test('each process has its part of the caps, so that all together keep no more', async (t) => {
  const { shards } = twoShards(t, { maxPeers: 21, maxTorrents: 11 })
  for (let torrent = 0; torrent < 100; torrent++) {
    for (const port of [1, 2, 3]) await shards[0].http.announce(announceQuery(torrent, port), 0, '10.0.0.1')
  }
  for (const { parts } of shards) {
    assert.deepEqual([parts.registry.peerCount, parts.registry.swarms.count], [10, 4])
  }
})
