import assert from 'node:assert/strict'
import { test } from 'node:test'
import { run, track } from '../kit/announcing.js'
import { servePeers, UdpTracker } from '../kit/udp-tracker.js'

const PEERS = Buffer.from([127, 0, 0, 1, 0x1a, 0xe1])

/** None, completed, started or stopped, as a number of BEP 15. */
function events(tracker: UdpTracker): number[] {
  const announces = tracker.queries.all.filter((query) => query.action === 1)
  return announces.map((query) => query.packet.readUInt32BE(80))
}

test('a UDP tracker hears `started`, `completed` and `stopped` like any other', async (t) => {
  const tracker = await UdpTracker.listen(t, servePeers(PEERS))
  const { announcer, torrent } = run(t, [[tracker.url]])
  await torrent.answers.next()
  assert.deepEqual(torrent.peers, [{ host: '127.0.0.1', port: 6881 }])
  announcer.completed()
  await torrent.answers.next()
  await announcer.stop()
  assert.deepEqual(events(tracker), [2, 1, 3])
})

test('a silent UDP tracker holds up neither the next tracker nor the end', async (t) => {
  const silent = await UdpTracker.listen(t, () => {})
  const { url } = await track(t)
  const { announcer, torrent, clock } = run(t, [[silent.url], [url]])
  await silent.queries.next()
  clock.pass(1_500)
  assert.equal(await torrent.answers.next(), url)
  await announcer.stop(60_000)
  assert.deepEqual(silent.actions, [0])
})
