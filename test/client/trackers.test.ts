import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { LIMITS } from '../../src/config.js'
import { encodeBencode } from '../../src/core/bencode/encode-bencode.js'
import { GaveUpError } from '../../src/core/errors.js'
import { fetchFrom, scratchFolder } from '../kit/fetching.js'
import { Inbox } from '../kit/inbox.js'
import { refusedUrl, serveHttp, serveSilence } from '../kit/local-server.js'
import { assertFiles, makeTorrent } from '../kit/made-torrent.js'
import { ScriptedPeer } from '../kit/scripted-peer.js'

const KIB = 1024
const TIMEOUT = { timeout: 15_000 }

/** A tracker that names one peer, once there is one, and writes down what it is told. */
async function serveTracker(t: TestContext, delayMs = 0) {
  const told = new Inbox<URLSearchParams>()
  const tracker = { url: '', told, peer: undefined as ScriptedPeer | undefined }
  tracker.url = await serveHttp(t, (request, response) => {
    told.put(new URL(request.url!, 'http://t').searchParams)
    const { host, port } = tracker.peer!.address
    const peers = Buffer.from([...host.split('.').map(Number), port >> 8, port & 0xff])
    setTimeout(() => response.end(encodeBencode({ interval: 1800, peers })), delayMs)
  })
  return tracker
}

function torrentOf(trackers: readonly (readonly string[])[]) {
  return makeTorrent({ files: { 'data.bin': 500_000 }, pieceLength: 64 * KIB, trackers })
}

test('peers come from the tracker, which hears started, completed and stopped', TIMEOUT, async (t) => {
  const tracker = await serveTracker(t)
  const torrent = torrentOf([[tracker.url]])
  tracker.peer = await ScriptedPeer.listen(t, torrent)
  const output = scratchFolder(t)
  await fetchFrom(torrent, [], { output, useTrackers: true, port: 7777 })
  assertFiles(torrent, output)
  const told = tracker.told.all
  assert.deepEqual(
    told.map((query) => query.get('event')),
    ['started', 'completed', 'stopped'],
  )
  assert.deepEqual(
    told.map((query) => [query.get('left'), query.get('port')]),
    [
      ['500000', '7777'],
      ['0', '7777'],
      ['0', '7777'],
    ],
  )
})

test(
  'a download that is stopped says so to the tracker, and not that it was completed',
  TIMEOUT,
  async (t) => {
    const tracker = await serveTracker(t)
    const torrent = torrentOf([[tracker.url]])
    tracker.peer = await ScriptedPeer.listen(t, torrent, { script: { requested() {} } })
    const stop = new AbortController()
    const fetching = fetchFrom(torrent, [], {
      output: scratchFolder(t),
      useTrackers: true,
      signal: stop.signal,
      onNotice: (notice) => {
        if (notice.type === 'trackerAnswered') stop.abort()
      },
    })
    await assert.rejects(fetching, { code: 'STOPPED' })
    assert.deepEqual(
      tracker.told.all.map((query) => query.get('event')),
      ['started', 'stopped'],
    )
  },
)

test('data that was complete from the start is no news for trackers', TIMEOUT, async (t) => {
  const tracker = await serveTracker(t)
  const torrent = torrentOf([[tracker.url]])
  const output = scratchFolder(t)
  await fetchFrom(torrent, [await ScriptedPeer.listen(t, torrent)], { output })
  await fetchFrom(torrent, [], { output, useTrackers: true })
  assert.deepEqual(tracker.told.all, [])
})

test('a tracker that takes its time still hears the farewell', TIMEOUT, async (t) => {
  const tracker = await serveTracker(t, 200)
  const torrent = torrentOf([[tracker.url]])
  tracker.peer = await ScriptedPeer.listen(t, torrent)
  await fetchFrom(torrent, [], { output: scratchFolder(t), useTrackers: true })
  assert.deepEqual(
    tracker.told.all.map((query) => query.get('event')),
    ['started', 'completed', 'stopped'],
  )
})

test(
  'dead and mute trackers in earlier tiers do not keep the peers of a later one away',
  TIMEOUT,
  async (t) => {
    const tracker = await serveTracker(t)
    const torrent = torrentOf([[await refusedUrl()], [await serveSilence(t)], [tracker.url]])
    tracker.peer = await ScriptedPeer.listen(t, torrent)
    const output = scratchFolder(t)
    const { notices } = await fetchFrom(torrent, [], { output, useTrackers: true })
    assertFiles(torrent, output)
    assert.ok(notices.some((notice) => notice.type === 'trackerFailed'))
  },
)

test('a tracker that falls silent delays the end by no more than its second', TIMEOUT, async (t) => {
  let announceCount = 0
  const url = await serveHttp(t, (_, response) => {
    if (announceCount++ === 0) response.end(encodeBencode({ interval: 1800, peers: '' }))
  })
  const torrent = torrentOf([[url]])
  let answered: () => void = () => {}
  const whenAnswered = new Promise<void>((resolve) => {
    answered = resolve
  })
  const peer = await ScriptedPeer.listen(t, torrent, {
    script: { interested: (link) => void whenAnswered.then(() => link.unchoke()) },
  })
  const output = scratchFolder(t)
  let completeMs = 0
  await fetchFrom(torrent, [peer], {
    output,
    useTrackers: true,
    onNotice(notice) {
      if (notice.type === 'trackerAnswered') answered()
      if (notice.type === 'phase') completeMs = performance.now()
    },
  })
  assertFiles(torrent, output)
  assert.ok(announceCount > 1)
  assert.ok(performance.now() - completeMs < LIMITS.trackerStopMs + 2_000)
})

test('with no peer and no tracker it gives up at once', TIMEOUT, async (t) => {
  const noPeers = (error: unknown) => error instanceof GaveUpError && error.code === 'NO_PEERS'
  for (const trackers of [[], [['wss://127.0.0.1:1/announce']]]) {
    const options = { output: scratchFolder(t), useTrackers: true }
    await assert.rejects(fetchFrom(torrentOf(trackers), [], options), noPeers)
  }
})

test('with peers that never send it gives up after the time allowed', TIMEOUT, async (t) => {
  const torrent = torrentOf([])
  const mute = await ScriptedPeer.listen(t, torrent, { script: { requested() {} } })
  const fetching = fetchFrom(torrent, [mute], { output: scratchFolder(t), giveUpAfterMs: 300 })
  await assert.rejects(fetching, { name: 'GaveUpError', code: 'NO_PROGRESS' })
})
