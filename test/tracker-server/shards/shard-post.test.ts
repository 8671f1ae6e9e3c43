import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type PostOffice, ShardPost } from '../../../src/tracker-server/shards/shard-post.js'
import { PairedStream, type PairOptions } from './paired-streams.js'

interface Posts {
  readonly posts: readonly ShardPost[]
  /** Between the first process and this one. */
  readonly streams: ReadonlyMap<number, PairedStream>
}

const quiet: PostOffice = { datagram() {}, serve: () => Buffer.of(0) }

/** As many processes as there are offices, each with a link to the first. */
function posts(t: TestContext, offices: readonly Partial<PostOffice>[], options: PairOptions = {}): Posts {
  const all = offices.map((office, own) => new ShardPost(own, { ...quiet, ...office }))
  const streams = new Map<number, PairedStream>()
  for (let shard = 1; shard < all.length; shard++) {
    const [here, there] = PairedStream.pair(options)
    streams.set(shard, here)
    all[0]!.attach(shard, here)
    all[shard]!.attach(0, there)
  }
  t.after(() => {
    for (const post of all) post.close()
  })
  return { posts: all, streams }
}

/** Says who answers what. */
function echo(name: string): Partial<PostOffice> {
  return { serve: (verb, body) => Buffer.from(`${name} ${verb} ${body}`) }
}

test('a call is answered by whom it is for, also by way of the first process', async (t) => {
  const { posts: all } = posts(t, [echo('a'), echo('b'), echo('c')])
  for (const [from, post] of all.entries()) {
    for (const to of [0, 1, 2].filter((shard) => shard !== from)) {
      assert.equal(String(await post.call(to, 'count', Buffer.from('x'))), `${'abc'[to]} count x`)
    }
  }
})

test('many calls at once get each its own answer', async (t) => {
  const { posts: all } = posts(t, [{}, {}, { serve: async (_verb, body) => Buffer.from(`${body}!`) }])
  const calls = Array.from({ length: 500 }, (_, at) => all[1]!.call(2, 'list', Buffer.from(`${at}`)))
  assert.deepEqual(
    (await Promise.all(calls)).map(String),
    calls.map((_, at) => `${at}!`),
  )
})

test('what goes wrong at the other end is told to the caller', async (t) => {
  const thrown = () => {
    throw new Error('it cannot')
  }
  const rejected = () => Promise.reject(new Error('it cannot'))
  for (const serve of [thrown, rejected]) {
    const { posts: all } = posts(t, [{}, { serve }])
    await assert.rejects(all[0]!.call(1, 'stats'), /^Error: it cannot$/)
  }
})

test('a call to a process that is not there is rejected, wherever it comes from', async (t) => {
  const { posts: all } = posts(t, [{}, {}, {}])
  all[0]!.detach(2)
  for (const post of all.slice(0, 2)) await assert.rejects(post.call(2, 'stats'), /not there/)
})

test('calls under way to a process that ends are rejected, others are not', async (t) => {
  const never = { serve: () => new Promise<Uint8Array>(() => {}) }
  const { posts: all } = posts(t, [{}, never, echo('c')])
  const lost = assert.rejects(all[0]!.call(1, 'stats'), /ended/)
  const kept = all[0]!.call(2, 'stats')
  all[0]!.detach(1)
  await lost
  assert.equal(String(await kept), 'c stats ')
})

test('a call that is not answered in time is given up', async (t) => {
  const never = { serve: () => new Promise<Uint8Array>(() => {}) }
  const { posts: all } = posts(t, [{}, never])
  const call = assert.rejects(all[0]!.call(1, 'stats'), /in time/)
  for (let second = 0; second <= 10; second++) all[0]!.tick()
  await call
})

test('there are no more calls under way than a bound', async (t) => {
  const { posts: all } = posts(t, [{}, { serve: () => new Promise<Uint8Array>(() => {}) }])
  const calls = Array.from({ length: 10_000 }, () => all[0]!.call(1, 'stats').catch(() => {}))
  await assert.rejects(all[0]!.call(1, 'stats'), /busy/)
  all[0]!.detach(1)
  await Promise.all(calls)
})

const source = { address: new Uint8Array(16), addressBytes: 4, host: '10.0.0.1', port: 65_000 } as const

test('datagrams reach the socket that they are for, with their sender', async (t) => {
  const arrived: unknown[] = []
  const { posts: all } = posts(t, [
    {},
    {},
    { datagram: (front, packet, sender) => arrived.push([front, String(packet), sender]) },
  ])
  all[1]!.passDatagram(2, 3, Buffer.from('one'), source)
  all[0]!.passDatagram(2, 0, Buffer.from('two'), { ...source, host: 'fc00::1', port: 1 })
  // A call afterwards, on the same ways, is answered when they have arrived.
  await all[1]!.call(2, 'stats')
  await all[0]!.call(2, 'stats')
  assert.deepEqual(arrived.toSorted(), [
    [0, 'two', { address: 'fc00::1', port: 1 }],
    [3, 'one', { address: '10.0.0.1', port: 65_000 }],
  ])
})

test('datagrams for one that does not read are dropped before they fill the memory', (t) => {
  const { posts: all, streams } = posts(t, [{}, {}], { isHeld: true })
  for (let sent = 0; sent < 100_000; sent++) all[0]!.passDatagram(1, 0, Buffer.alloc(98), source)
  assert.ok(streams.get(1)!.writableLength < 3 * 1024 * 1024)
})
