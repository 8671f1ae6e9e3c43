import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { encodeBencode } from '../../src/core/bencode/encode-bencode.js'
import { ANSWER, events, run, TestTorrent, track } from '../kit/announcing.js'
import { Inbox } from '../kit/inbox.js'
import { serveHttp, serveSilence } from '../kit/local-server.js'

test('`completed` is said once, to those that know of us', async (t) => {
  const first = await track(t)
  const unused = await track(t)
  const { announcer, torrent, clock } = run(t, [[first.url], [unused.url]])
  await torrent.answers.next()
  torrent.wants = false
  torrent.lacks = false
  torrent.left = 0
  announcer.completed()
  await torrent.answers.next()
  clock.pass(1_800_000)
  await torrent.answers.next()
  await announcer.stop()
  assert.deepEqual(events(first.inbox), ['started', 'completed', null, 'stopped'])
  assert.equal(first.inbox.all[1]!.get('left'), '0')
  assert.equal(unused.inbox.all.length, 0)
})

test('a torrent that was complete from the start never says `completed`', async (t) => {
  const { url, inbox } = await track(t)
  const torrent = new TestTorrent()
  torrent.left = 0
  const { announcer } = run(t, [[url]], torrent)
  await torrent.answers.next()
  await announcer.stop()
  assert.deepEqual(events(inbox), ['started', 'stopped'])
})

test('a download that finishes while `started` is under way says `completed` right after', async (t) => {
  const released = new Inbox<() => void>()
  const said: (string | null)[] = []
  const url = await serveHttp(t, (request, response) => {
    said.push(new URL(request.url!, 'http://t').searchParams.get('event'))
    released.put(() => response.end(encodeBencode(ANSWER)))
  })
  const { announcer, torrent } = run(t, [[url]])
  const release = await released.next()
  announcer.completed()
  release()
  await torrent.answers.next()
  await released.next()
  assert.deepEqual(said, ['started', 'completed'])
})

test('`completed` is not lost when it is followed by the end at once, and comes before `stopped`', async (t) => {
  const { url, inbox } = await track(t)
  const { announcer, torrent } = run(t, [[url]])
  await torrent.answers.next()
  announcer.completed()
  await announcer.stop()
  assert.deepEqual(events(inbox), ['started', 'completed', 'stopped'])
})

test('only trackers that took `started` hear `stopped`', async (t) => {
  const refusing = await track(t, { 'failure reason': 'no' })
  const { url, inbox } = await track(t)
  const { announcer, torrent } = run(t, [[refusing.url], [url]])
  assert.deepEqual(await torrent.failures.next(), { tracker: refusing.url, code: 'REFUSED' })
  await torrent.answers.next()
  await announcer.stop()
  assert.deepEqual(events(refusing.inbox), ['started'])
  assert.deepEqual(events(inbox), ['started', 'stopped'])
})

test('the end waits for no tracker, but `stopped` goes out even behind an unanswered `completed`', async (t) => {
  const inbox = new Inbox<string | null>()
  const trackers = await Promise.all(
    [1, 2, 3].map(() =>
      serveHttp(t, (request, response) => {
        const event = new URL(request.url!, 'http://t').searchParams.get('event')
        inbox.put(event)
        if (event === 'started') response.end(encodeBencode({ ...ANSWER, peers: '' }))
      }),
    ),
  )
  const { announcer, torrent } = run(t, [trackers])
  for (const _ of trackers) await torrent.answers.next()
  announcer.completed()
  await announcer.stop(300)
  assert.deepEqual(inbox.all.slice(3), [...Array(3).fill('completed'), ...Array(3).fill('stopped')])
})

test('a tracker that has not answered `started` may know of us all the same, and hears `stopped`', async (t) => {
  const said = new Inbox<string | null>()
  let heardStopped = () => {}
  const stopped = new Promise<void>((resolve) => {
    heardStopped = resolve
  })
  const url = await serveHttp(t, (request, response) => {
    const event = new URL(request.url!, 'http://t').searchParams.get('event')
    said.put(event)
    if (event === 'stopped') response.end(encodeBencode(ANSWER), heardStopped)
  })
  const { announcer } = run(t, [[url]])
  assert.equal(await said.next(), 'started')
  await Promise.all([announcer.stop(60_000), stopped])
  assert.deepEqual(said.all, ['started', 'stopped'])
})

test('the end waits no longer than it may for a tracker that says nothing', async (t) => {
  const silent = new Inbox<string>()
  const { announcer } = run(t, [[await serveSilence(t, (head) => silent.put(head))]])
  await silent.next()
  await announcer.stop(100)
  await announcer.run()
  assert.equal(silent.all.length, 2)
  assert.match(silent.all[1]!, /event=stopped/)
})

test('it ends at once when no tracker has been reached yet', async (t) => {
  const greeted = new Inbox<string>()
  const url = await serveSilence(t, (hello) => greeted.put(hello))
  // Who does not answer the TLS handshake has not heard what was to come.
  const { announcer } = run(t, [[url.replace('http:', 'https:')]])
  await greeted.next()
  await announcer.stop(60_000)
  await announcer.run()
  assert.equal(greeted.all.length, 1)
})

test('it can leave without a word, and then announces no more', async (t) => {
  const { url, inbox } = await track(t)
  const { announcer, torrent, clock } = run(t, [[url]])
  await torrent.answers.next()
  announcer.leave()
  announcer.leave()
  await announcer.run()
  await announcer.stop()
  clock.pass(3_600_000)
  assert.equal(clock.timerCount, 0)
  assert.deepEqual(events(inbox), ['started'])
})

test('an announcer alone keeps no process alive', async (t) => {
  const { url, inbox } = await track(t)
  const modules = new URL('../../src/tracker/', import.meta.url)
  const program = `
    const { Announcer } = await import('${modules}announcer.js')
    const { trackerTransports } = await import('${modules}transports.js')
    const { HttpConnections } = await import('${modules}http-connections.js')
    const { UdpConnections } = await import('${modules}udp-connections.js')
    const nothing = () => {}
    const torrent = { stats: () => ({ uploaded: 0, downloaded: 0, left: 1 }), wantsPeers: () => true, lacksPeers: () => true,
      onPeers: nothing, onAnswer: nothing, onFailure: nothing }
    const connections = { http: new HttpConnections(), udp: new UdpConnections() }
    const transports = trackerTransports(connections, 'spelled out')
    const id = new Uint8Array(20)
    new Announcer({ tiers: [['${url}']], infoHash: id, peerId: id, port: 1, torrent, transports }).run()`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'inherit' })
  t.after(() => child.kill())
  const [code] = await once(child, 'exit')
  assert.equal(code, 0)
  assert.deepEqual(events(inbox), ['started'])
})
