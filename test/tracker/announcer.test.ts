import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeBencode } from '../../src/core/bencode/encode-bencode.js'
import { ANSWER, events, run, TestTorrent, track } from '../kit/announcing.js'
import { Inbox } from '../kit/inbox.js'
import { refusedUrl, serveHttp, serveSilence } from '../kit/local-server.js'

test('it starts with `started`, goes on at the interval and ends with `stopped`', async (t) => {
  const { url, inbox } = await track(t)
  const { announcer, torrent, clock } = run(t, [[url]])
  await torrent.answers.next()
  assert.deepEqual(torrent.peers, [{ host: '127.0.0.1', port: 6881 }])
  torrent.wants = false
  torrent.lacks = false
  clock.pass(1_799_000)
  assert.equal(inbox.all.length, 1)
  clock.pass(1_000)
  await torrent.answers.next()
  await announcer.stop()
  assert.deepEqual(events(inbox), ['started', null, 'stopped'])
  assert.deepEqual(
    inbox.all.map((query) => query.get('numwant')),
    ['200', '0', '0'],
  )
  assert.equal(new Set(inbox.all.map((query) => query.get('key'))).size, 1)
  assert.equal(clock.timerCount, 0)
})

test('when peers are lacking it asks again at the min interval', async (t) => {
  const { url, inbox } = await track(t)
  const { torrent, clock } = run(t, [[url]])
  await torrent.answers.next()
  clock.pass(59_000)
  assert.equal(inbox.all.length, 1)
  clock.pass(6_000)
  await torrent.answers.next()
  assert.deepEqual(events(inbox), ['started', null])
})

test('with peers enough to go on it waits for the interval, and takes more then', async (t) => {
  const { url, inbox } = await track(t)
  const { torrent, clock } = run(t, [[url]])
  await torrent.answers.next()
  torrent.lacks = false
  clock.pass(1_799_000)
  assert.equal(inbox.all.length, 1)
  clock.pass(1_000)
  await torrent.answers.next()
  assert.equal(inbox.all[1]!.get('numwant'), '200')
})

test('behind dead trackers all further tiers are reached within seconds', async (t) => {
  const silent = new Inbox<string>()
  const dead = [
    await serveSilence(t, (head) => silent.put(head)),
    await serveSilence(t, (head) => silent.put(head)),
  ]
  const { url } = await track(t)
  const { torrent, clock } = run(t, [dead, [await refusedUrl()], [url]])
  await silent.next()
  clock.pass(1_500)
  await silent.next()
  clock.pass(1_500)
  assert.equal((await torrent.failures.next()).code, 'UNREACHABLE')
  assert.equal(await torrent.answers.next(), url)
  assert.equal(clock.now(), 3_000)
})

test('a slow tracker is not given up when the next one is asked', async (t) => {
  const released = new Inbox<() => void>()
  const slow = await serveHttp(t, (_, response) => {
    released.put(() => response.end(encodeBencode(ANSWER)))
  })
  const { url } = await track(t)
  const { torrent, clock } = run(t, [[slow], [url]])
  const release = await released.next()
  clock.pass(1_500)
  assert.equal(await torrent.answers.next(), url)
  release()
  assert.equal(await torrent.answers.next(), slow)
})

test('a tracker that fails is left alone for longer and longer, then serves again', async (t) => {
  let isBroken = true
  const url = await serveHttp(t, (_, response) => {
    if (isBroken) response.writeHead(500).end()
    else response.end(encodeBencode(ANSWER))
  })
  const { torrent, clock } = run(t, [[url]])
  await torrent.failures.next()
  clock.pass(12_000)
  assert.equal(torrent.failures.all.length, 1)
  clock.pass(500)
  await torrent.failures.next()
  clock.pass(24_000)
  assert.equal(torrent.failures.all.length, 2)
  isBroken = false
  clock.pass(1_000)
  assert.equal(await torrent.answers.next(), url)
})

test('the id that a tracker gave comes back to it, and to no other', async (t) => {
  const named = await track(t, { ...ANSWER, 'tracker id': 'abc', peers: '' })
  const other = await track(t)
  const { announcer, torrent } = run(t, [[named.url], [other.url]])
  await torrent.answers.next()
  await torrent.answers.next()
  await announcer.stop()
  assert.deepEqual(
    [named, other].map(({ inbox }) => inbox.all.map((query) => query.get('trackerid'))),
    [
      [null, 'abc'],
      [null, null],
    ],
  )
})

test('trackers of other schemes are reported once, and the rest is asked', async (t) => {
  const { url } = await track(t)
  const strange = ['ws://127.0.0.1:6969/announce', 'wss://127.0.0.1/', 'not a url', '__proto__:x']
  const { torrent, clock } = run(t, [strange, [url]])
  await torrent.answers.next()
  clock.pass(55_000)
  assert.deepEqual(
    torrent.failures.all,
    strange.map((tracker) => ({ tracker, code: 'UNSUPPORTED_SCHEME' })),
  )
})

test('what the torrent throws ends in the promise of `run`, and in nothing else', async (t) => {
  const { url, inbox } = await track(t)
  const torrent = new TestTorrent()
  torrent.onAnswer = () => {
    throw new Error('a mistake of ours')
  }
  const { announcer, clock } = run(t, [[url]], torrent)
  await assert.rejects(announcer.run(), { message: 'a mistake of ours' })
  clock.pass(3_600_000)
  await announcer.stop()
  assert.equal(inbox.all.length, 1)
})
