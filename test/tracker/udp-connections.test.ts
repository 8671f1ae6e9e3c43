/** UDP trackers whose names have several addresses. */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Resolver } from '../../src/net/look-up.js'
import { UdpConnections } from '../../src/tracker/udp-connections.js'
import { udpScrape } from '../../src/tracker/udp-scrape.js'
import { HandClock } from '../kit/hand-clock.js'
import { servePeers, UdpTracker } from '../kit/udp-tracker.js'

const COUNTS = [{ seedCount: 5, completedCount: 70, leecherCount: 3 }]

/** Its name has these addresses, in this order. */
function setUp(t: TestContext, port: number, ...hosts: readonly string[]) {
  const clock = new HandClock()
  const resolver: Resolver = (_, __, done) =>
    done(
      null,
      hosts.map((address) => ({ address, family: 4 })),
    )
  const connections = new UdpConnections({ clock, after: clock.after, resolver })
  t.after(() => connections.close())
  const url = new URL(`udp://tracker.example:${port}/announce`)
  const request = {
    tracker: { url, family: 4, mayBePrivate: true },
    infoHashes: [new Uint8Array(20)],
  } as const
  return { clock, ask: () => udpScrape(connections, request, new AbortController().signal) }
}

test('a tracker that is silent at its first address is asked at the next, and stays with who answers', async (t) => {
  const silent = await UdpTracker.listen(t, () => {})
  const other = await UdpTracker.listen(t, servePeers(Buffer.alloc(0)), '127.0.0.2', silent.port)
  const { ask, clock } = setUp(t, silent.port, '127.0.0.1', '127.0.0.2')
  const answer = ask()
  await silent.queries.next()
  clock.pass(1_999)
  assert.deepEqual(other.actions, [])
  clock.pass(1)
  assert.deepEqual(await answer, COUNTS)
  assert.equal(clock.timerCount, 0)
  await ask()
  assert.deepEqual([silent.actions, other.actions], [[0], [0, 2, 2]])
})

test('one that answers at its first address is asked nowhere else', async (t) => {
  const first = await UdpTracker.listen(t, servePeers(Buffer.alloc(0)))
  const other = await UdpTracker.listen(t, servePeers(Buffer.alloc(0)), '127.0.0.2', first.port)
  const { ask, clock } = setUp(t, first.port, '127.0.0.1', '127.0.0.2')
  await ask()
  clock.pass(15_000)
  await ask()
  assert.deepEqual([first.actions, other.actions], [[0, 2, 2], []])
})

test('one that refuses, or cannot be reached, at an address is asked at the next without delay', async (t) => {
  const refusing = await UdpTracker.listen(t, (query) => query.answer(3, Buffer.from('full')))
  const other = await UdpTracker.listen(t, servePeers(Buffer.alloc(0)), '127.0.0.2', refusing.port)
  const hosts = ['255.255.255.255', '127.0.0.1', '127.0.0.2']
  const { ask, clock } = setUp(t, refusing.port, ...hosts)
  assert.deepEqual(await ask(), COUNTS)
  assert.equal(clock.timerCount, 0)
  assert.deepEqual([refusing.actions, other.actions], [[0], [0, 2]])
  const { ask: askAlone } = setUp(t, refusing.port, ...hosts.slice(0, 2))
  await assert.rejects(askAlone(), { code: 'REFUSED' })
})

test('one that is silent at all its addresses is asked again at each, of which there are few', async (t) => {
  const first = await UdpTracker.listen(t, () => {})
  const hosts = Array.from({ length: 10 }, (_, at) => `127.0.0.${1 + at}`)
  const others = await Promise.all(
    hosts.slice(1).map((host) => UdpTracker.listen(t, () => {}, host, first.port)),
  )
  const { ask, clock } = setUp(t, first.port, ...hosts)
  const failing = assert.rejects(ask(), { code: 'TIMEOUT' })
  for (const waitMs of [15_000, 30_000, 60_000, 120_000]) {
    await first.queries.next()
    for (const other of others.slice(0, 3)) {
      clock.pass(2_000)
      await other.queries.next()
    }
    clock.pass(waitMs)
  }
  await failing
  assert.equal(clock.timerCount, 0)
  assert.deepEqual(
    [first, ...others].map(({ actions }) => actions.length),
    [4, 4, 4, 4, 0, 0, 0, 0, 0, 0],
  )
})
