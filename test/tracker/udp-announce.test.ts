import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import fc from 'fast-check'
import { TrackerError } from '../../src/core/errors.js'
import type { PrivateReach } from '../../src/core/private-reach.js'
import type { AnnounceAnswer, AnnounceRequest } from '../../src/tracker/announce.js'
import { overBothFamilies } from '../../src/tracker/both-families.js'
import { udpAnnounce } from '../../src/tracker/udp-announce.js'
import { UdpConnections } from '../../src/tracker/udp-connections.js'
import { udpScrape } from '../../src/tracker/udp-scrape.js'
import { HandClock } from '../kit/hand-clock.js'
import { CONNECTION_ID, servePeers, UdpTracker, word } from '../kit/udp-tracker.js'

const REQUEST: AnnounceRequest = {
  infoHash: new Uint8Array(20).fill(0xab),
  peerId: Buffer.from('-SF0100-abcdefghijkl'),
  port: 6881,
  uploaded: 0,
  downloaded: 0,
  left: 100,
  numWant: 50,
  event: 'started',
  trackerId: undefined,
  key: '00c0ffee',
}
const PEER4 = Buffer.from([127, 0, 0, 1, 0x1a, 0xe1])
const PEERS4 = [{ host: '127.0.0.1', port: 6881 }]
const PEER6 = Buffer.concat([Buffer.alloc(15), Buffer.from([1, 0x1a, 0xe1])])

/** Time stands still for all but the network. */
function setUp(t: TestContext) {
  const clock = new HandClock()
  const connections = new UdpConnections({ clock, after: clock.after })
  t.after(() => connections.close())
  const announce = (url: string, signal = new AbortController().signal): Promise<AnnounceAnswer> =>
    overBothFamilies((family) => udpAnnounce(connections, { family, reach: 'spelled out' }))(
      new URL(url),
      REQUEST,
      signal,
    )
  return { clock, connections, announce }
}

async function failureOf(announcing: Promise<unknown>): Promise<TrackerError> {
  try {
    await announcing
  } catch (error) {
    assert.ok(error instanceof TrackerError, String(error))
    return error
  }
  return assert.fail('the announce succeeded')
}

test('a tracker is connected to, asked, and its answer comes back', async (t) => {
  const { announce } = setUp(t)
  const tracker = await UdpTracker.listen(t, servePeers(PEER4))
  const { peers, intervalMs } = await announce(tracker.url)
  assert.deepEqual({ peers, intervalMs }, { peers: PEERS4, intervalMs: 1_800_000 })
  assert.deepEqual(tracker.actions, [0, 1])
  assert.equal(tracker.queries.all[1]!.connection, CONNECTION_ID.toString('hex'))
  assert.match(tracker.queries.all[1]!.packet.toString('latin1'), /\/announce$/)
})

test('over IPv6 the peers are IPv6', async (t) => {
  const { announce } = setUp(t)
  const tracker = await UdpTracker.listen(t, servePeers(PEER6), '::1')
  assert.deepEqual((await announce(tracker.url)).peers, [{ host: '::1', port: 6881 }])
})

test('a host name is looked up', async (t) => {
  const { announce } = setUp(t)
  const tracker = await UdpTracker.listen(t, servePeers(PEER4))
  assert.deepEqual((await announce(tracker.url.replace('127.0.0.1', 'localhost'))).peers, PEERS4)
  const failure = await failureOf(announce('udp://no-such-host.invalid:80/'))
  assert.equal(failure.code, 'UNREACHABLE')
})

test('a scrape gives counts', async (t) => {
  const { connections } = setUp(t)
  const tracker = await UdpTracker.listen(t, servePeers(PEER4))
  const asked = { url: new URL(tracker.url), family: 4, mayBePrivate: true } as const
  const request = { tracker: asked, infoHashes: [REQUEST.infoHash] }
  const counts = await udpScrape(connections, request, new AbortController().signal)
  assert.deepEqual(counts, [{ seedCount: 5, completedCount: 70, leecherCount: 3 }])
})

test('a connection id is used for a minute, by all who ask the same tracker', async (t) => {
  const { announce, clock } = setUp(t)
  const tracker = await UdpTracker.listen(t, servePeers(PEER4))
  await Promise.all([announce(tracker.url), announce(tracker.url)])
  clock.pass(59_999)
  await announce(tracker.url)
  assert.deepEqual(tracker.actions, [0, 1, 1, 1])
  clock.pass(1)
  await announce(tracker.url)
  assert.deepEqual(tracker.actions.slice(4), [0, 1])
})

test('transaction ids differ from packet to packet', async (t) => {
  const { announce } = setUp(t)
  const tracker = await UdpTracker.listen(t, servePeers(PEER4))
  for (let nth = 0; nth < 10; nth++) await announce(tracker.url)
  const ids = new Set(tracker.queries.all.map((query) => query.transaction.toString('hex')))
  assert.equal(ids.size, 11)
})

test('a silent tracker is asked again after 15, 30 and 60 seconds, and then given up', async (t) => {
  const { announce, clock } = setUp(t)
  const tracker = await UdpTracker.listen(t, () => {})
  const failing = failureOf(announce(tracker.url))
  for (const waitMs of [15_000, 30_000, 60_000, 120_000]) {
    await tracker.queries.next()
    clock.pass(waitMs - 1)
    assert.equal(clock.timerCount, 1)
    clock.pass(1)
  }
  assert.equal((await failing).code, 'TIMEOUT')
  assert.deepEqual(tracker.actions, [0, 0, 0, 0])
})

test('a lost announce is sent again with the same connection id', async (t) => {
  const { announce, clock } = setUp(t)
  let announces = 0
  const tracker = await UdpTracker.listen(t, (query) => {
    if (query.action === 0 || ++announces === 2) servePeers(PEER4)(query)
  })
  const answer = announce(tracker.url)
  await tracker.queries.next()
  await tracker.queries.next()
  clock.pass(15_000)
  assert.deepEqual((await answer).peers, PEERS4)
  assert.deepEqual(tracker.actions, [0, 1, 1])
})

test('answers from elsewhere, or to another question, are not answers', async (t) => {
  const { announce } = setUp(t)
  const stranger = createSocket('udp4')
  stranger.bind(0, '127.0.0.1')
  await once(stranger, 'listening')
  t.after(() => stranger.close())
  const tracker = await UdpTracker.listen(t, (query) => {
    if (query.action === 0) return query.answer(0, CONNECTION_ID)
    const forged = Buffer.concat([word(3), query.transaction, Buffer.from('forged')])
    query.reply(
      Buffer.concat([word(3), word((query.transaction.readUInt32BE() ^ 1) >>> 0), Buffer.from('guessed')]),
    )
    query.reply(Buffer.alloc(3))
    stranger.send(forged, query.from.port, query.from.address, () => servePeers(PEER4)(query))
  })
  assert.deepEqual((await announce(tracker.url)).peers, PEERS4)
})

test('a refusal is told with its reason', async (t) => {
  const { announce } = setUp(t)
  const tracker = await UdpTracker.listen(t, (query) => {
    if (query.action === 0) query.answer(0, CONNECTION_ID)
    else query.answer(3, Buffer.from('not on\u001b my list'))
  })
  const { code, message } = await failureOf(announce(tracker.url))
  assert.deepEqual({ code, message }, { code: 'REFUSED', message: 'not on my list' })
  assert.deepEqual(tracker.actions, [0, 1])
})

test('a tracker that has forgotten its connection ids is connected to anew, once', async (t) => {
  const { announce } = setUp(t)
  let epoch = 0
  const tracker = await UdpTracker.listen(t, (query) => {
    const id = Buffer.alloc(8, epoch)
    if (query.action === 0) query.answer(0, id)
    else if (query.connection !== id.toString('hex')) query.answer(3, Buffer.from('connection id'))
    else servePeers(PEER4)(query)
  })
  await announce(tracker.url)
  epoch++
  assert.deepEqual((await announce(tracker.url)).peers, PEERS4)
  assert.deepEqual(tracker.actions, [0, 1, 1, 0, 1])
})

test('an answer that is short or of the wrong kind is a bad response', async (t) => {
  const { announce } = setUp(t)
  for (const [action, rest] of [
    [0, Buffer.alloc(7)],
    [1, CONNECTION_ID],
    [99, CONNECTION_ID],
  ] as const) {
    const tracker = await UdpTracker.listen(t, (query) => query.answer(action, rest))
    assert.equal((await failureOf(announce(tracker.url))).code, 'BAD_RESPONSE')
  }
})

test('whatever a tracker answers, an announce ends with an answer or a TrackerError', async (t) => {
  const { announce, connections } = setUp(t)
  const replies: Uint8Array[] = []
  const tracker = await UdpTracker.listen(t, (query) => {
    if (query.action === 0) return query.answer(0, CONNECTION_ID)
    const [action, ...rest] = replies.shift()!
    query.answer(action! % 5, Uint8Array.from(rest))
  })
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (reply) => {
      replies.push(reply, reply)
      try {
        assert.ok(Array.isArray((await announce(tracker.url)).peers))
      } catch (error) {
        assert.ok(error instanceof TrackerError, String(error))
      }
      replies.length = 0
    }),
    { numRuns: 200 },
  )
  await connections.close()
})

test('an abort rejects with its own reason, while connecting and while announcing', async (t) => {
  const { announce, clock } = setUp(t)
  for (const lastHeard of [0, 1]) {
    const abort = new AbortController()
    const tracker = await UdpTracker.listen(t, (query) => {
      if (query.action === lastHeard) abort.abort(new Error('enough'))
      else servePeers(PEER4)(query)
    })
    await assert.rejects(announce(tracker.url, abort.signal), { message: 'enough' })
    await assert.rejects(announce(tracker.url, abort.signal), { message: 'enough' })
  }
  clock.pass(15_000)
  assert.equal(clock.timerCount, 0)
})

test('closing fails what is under way and what comes later, and may come twice', async (t) => {
  const { announce, connections } = setUp(t)
  const tracker = await UdpTracker.listen(t, () => {})
  const failing = failureOf(announce(tracker.url))
  await tracker.queries.next()
  await connections.close()
  assert.equal((await failing).code, 'UNREACHABLE')
  assert.equal((await failureOf(announce(tracker.url))).code, 'UNREACHABLE')
  await connections.close()
  await new UdpConnections().close()
})

test('a port that nobody can have is an unreachable tracker', async (t) => {
  const { announce } = setUp(t)
  assert.equal((await failureOf(announce('udp://127.0.0.1:0/'))).code, 'UNREACHABLE')
})

test('an announce alone keeps no process alive', async (t) => {
  const tracker = await UdpTracker.listen(t, () => {})
  const modules = new URL('../../src/tracker/', import.meta.url)
  const program = `
    const { udpAnnounce } = await import('${modules}udp-announce.js')
    const { UdpConnections } = await import('${modules}udp-connections.js')
    const signal = new AbortController().signal
    udpAnnounce(new UdpConnections(), { family: 4, reach: 'always' })(new URL('${tracker.url}'), {}, signal)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'inherit' })
  t.after(() => child.kill())
  const [code] = await once(child, 'exit')
  assert.equal(code, 0)
  await tracker.queries.next()
})

test('a tracker at a private address hears nothing from those who may not go there', async (t) => {
  const { connections } = setUp(t)
  const tracker = await UdpTracker.listen(t, servePeers(PEER4))
  const { signal } = new AbortController()
  const announce = (reach: PrivateReach) =>
    overBothFamilies((family) => udpAnnounce(connections, { family, reach }))(
      new URL(tracker.url),
      REQUEST,
      signal,
    )
  assert.equal((await failureOf(announce('never'))).code, 'FORBIDDEN_ADDRESS')
  assert.deepEqual(tracker.actions, [])
  await announce('spelled out')
  assert.equal((await failureOf(announce('never'))).code, 'FORBIDDEN_ADDRESS')
  assert.deepEqual(tracker.actions, [0, 1])
})
