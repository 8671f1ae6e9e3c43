/** Everything over ::1: peers, trackers of both kinds, and links that name such a peer. */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fetchTorrent } from '../../src/client/fetch-torrent.js'
import type { FetchOptions } from '../../src/client/options.js'
import type { TorrentNotice } from '../../src/client/progress.js'
import { magnetLink } from '../../src/metainfo/magnet-link.js'
import { TrackerServer } from '../../src/tracker-server/tracker-server.js'
import { scratchFolder } from '../kit/fetching.js'
import { assertFiles, makeTorrent } from '../kit/made-torrent.js'
import { openClient, startSeed } from '../kit/seeding.js'

const TIMEOUT = { timeout: 20_000 }
const BASICS = { files: { 'data.bin': 700_000 }, pieceLength: 65_536 }
const ALONE = { workers: 1, port: 0, useTrackers: false, dht: false, lsd: false } as const

async function get(t: TestContext, source: string | Uint8Array, options: Partial<FetchOptions>) {
  const output = scratchFolder(t)
  await fetchTorrent(source, { ...ALONE, output, ...options })
  return output
}

async function openTracker(t: TestContext): Promise<TrackerServer> {
  const tracker = new TrackerServer({ port: 0, hosts: ['::1'] })
  t.after(() => tracker.close())
  await tracker.listen()
  return tracker
}

for (const scheme of ['http', 'udp'] as const) {
  test(`a download finds a seed through our tracker, all over ::1 and ${scheme}`, TIMEOUT, async (t) => {
    const tracker = await openTracker(t)
    const torrent = makeTorrent({ ...BASICS, trackers: [[`${scheme}://[::1]:${tracker.port}/announce`]] })
    await startSeed(t, torrent, { useTrackers: true })
    while ((await tracker.stats()).ipv6PeerCount === 0) await sleep(20)
    const notices: TorrentNotice[] = []
    const onNotice = (notice: TorrentNotice) => void notices.push(notice)
    const output = await get(t, torrent.bytes, { useTrackers: true, onNotice })
    assertFiles(torrent, output)
    const answer = notices.find(({ type }) => type === 'trackerAnswered')
    assert.ok(answer?.type === 'trackerAnswered' && answer.peers > 0)
  })
}

test('a peer is dialled over ::1 however that is written, and known by one name', TIMEOUT, async (t) => {
  const torrent = makeTorrent(BASICS)
  const { port } = await startSeed(t, torrent)
  for (const host of ['::1', '0:0:0:0:0:0:0:1', '0000::0001']) {
    assertFiles(torrent, await get(t, torrent.bytes, { peers: [{ host, port }] }))
  }
  const knownCounts: number[] = []
  await get(t, torrent.bytes, {
    peers: ['::1', '0::1', '0:0::0:1'].map((host) => ({ host, port })),
    onProgress: ({ knownPeers }) => void knownCounts.push(knownPeers),
  })
  assert.equal(Math.max(...knownCounts), 1)
})

test('one socket takes peers of both families, and names those of IPv4 plainly', TIMEOUT, async (t) => {
  const torrent = makeTorrent(BASICS)
  const { port, torrent: seeding } = await startSeed(t, torrent)
  for (const host of ['127.0.0.1', '::1']) {
    assertFiles(torrent, await get(t, torrent.bytes, { peers: [{ host, port }] }))
  }
  assert.equal(seeding.progress().uploadedBytes, 2 * 700_000)
})

test('a magnet link names a peer at ::1', TIMEOUT, async (t) => {
  const torrent = makeTorrent(BASICS)
  const { port } = await startSeed(t, torrent, { client: openClient(t) })
  const link = magnetLink({ ...torrent.metainfo, trackers: [] })
  assertFiles(torrent, await get(t, `${link}&x.pe=%5B::1%5D:${port}`, {}))
  assertFiles(torrent, await get(t, `${link}&x.pe=[0:0::0001]:${port}`, {}))
})

test('a tracker that keeps silent at ::1 is named with brackets', TIMEOUT, async (t) => {
  const torrent = makeTorrent({ ...BASICS, trackers: [['http://[::1]:1/announce']] })
  await assert.rejects(get(t, torrent.bytes, { useTrackers: true, giveUpAfterMs: 300 }), {
    message: /\[::1\]:1: no connection/,
  })
})
