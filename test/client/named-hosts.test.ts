/** Names that turn out to be private addresses: which of them a torrent may send us to (README, Safety). */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { Client } from '../../src/client/client.js'
import { fetchTorrent } from '../../src/client/fetch-torrent.js'
import type { TorrentSource } from '../../src/client/options.js'
import type { TorrentNotice } from '../../src/client/progress.js'
import { encodeBencode } from '../../src/core/bencode/encode-bencode.js'
import { GaveUpError } from '../../src/core/errors.js'
import { wrapInfo } from '../../src/metainfo/wrap-info.js'
import { scratchFolder } from '../kit/fetching.js'
import { Inbox } from '../kit/inbox.js'
import { serveHttp } from '../kit/local-server.js'
import { assertFiles, makeTorrent } from '../kit/made-torrent.js'
import { nameThisMachine } from '../kit/name-server.js'
import { WebServer } from '../kit/web-server.js'

const TIMEOUT = { timeout: 15_000 }
const ALONE = { port: 0, workers: 1, dht: false, lsd: false } as const
const SHAPE = { files: { 'data.bin': 300_000 }, pieceLength: 64 * 1024 }

/** The same place, by a name. */
function at(host: string, url: string): string {
  return url.replace('127.0.0.1', host)
}

/** A tracker that knows nobody, and tells by which names it was asked. */
async function serveTracker(t: TestContext) {
  const asked: string[] = []
  const url = await serveHttp(t, (request, response) => {
    asked.push(new URL(`http://${request.headers.host}`).hostname)
    response.end(encodeBencode({ interval: 1800, peers: '' }))
  })
  return { asked, url: `${url}announce` }
}

/** Adds the torrent, and waits until so many trackers have answered or failed. */
async function announce(t: TestContext, source: TorrentSource, count: number): Promise<string[]> {
  const client = new Client(ALONE)
  t.after(() => client.close())
  const torrent = await client.add(source, { output: scratchFolder(t) })
  torrent.done.catch(() => {})
  const notices = new Inbox<TorrentNotice>()
  torrent.onNotice((notice) => {
    if (notice.type.startsWith('tracker')) notices.put(notice)
  })
  while (notices.all.length < count) await notices.next()
  return notices.all.map((notice) =>
    notice.type === 'trackerFailed' ? `${new URL(notice.tracker).hostname} ${notice.code}` : notice.type,
  )
}

test('a .torrent may name the host that the user had it from by name, and no other', TIMEOUT, async (t) => {
  nameThisMachine(t)
  const tracker = await serveTracker(t)
  const moved = await serveHttp(t, (_, response) => {
    response.writeHead(302, { location: at('other.lan', tracker.url) }).end()
  })
  const trackers = [
    [at('other.lan', tracker.url)],
    [at('catalogue.lan', moved)],
    [at('catalogue.lan', tracker.url)],
  ]
  const { bytes } = makeTorrent({ ...SHAPE, trackers })
  const catalogue = at('catalogue.lan', await serveHttp(t, (_, response) => response.end(bytes)))
  assert.deepEqual(await announce(t, catalogue, 3), [
    'other.lan FORBIDDEN_ADDRESS',
    'catalogue.lan FORBIDDEN_ADDRESS',
    'trackerAnswered',
  ])
  assert.deepEqual(tracker.asked, ['catalogue.lan'])
  assert.deepEqual(await announce(t, bytes, 3), [
    'other.lan FORBIDDEN_ADDRESS',
    'catalogue.lan FORBIDDEN_ADDRESS',
    'catalogue.lan FORBIDDEN_ADDRESS',
  ])
})

test('web seeds are held to the same, but for those that the user names', TIMEOUT, async (t) => {
  nameThisMachine(t)
  const torrent = makeTorrent(SHAPE)
  const server = await WebServer.listen(t, torrent)
  const get = async (listed: string, given: string[] = []) => {
    const bytes = wrapInfo({ ...torrent.metainfo, webSeeds: [at(listed, server.url)] })
    const url = await serveHttp(t, (_, response) => response.end(bytes))
    const output = scratchFolder(t)
    const webSeeds = given.map((host) => at(host, server.url))
    await fetchTorrent(at('catalogue.lan', url), { output, webSeeds, ...ALONE })
    assertFiles(torrent, output)
  }
  await get('catalogue.lan')
  await assert.rejects(get('other.lan'), GaveUpError)
  await get('other.lan', ['given.lan'])
  const asked = server.requests.map(({ incoming }) => incoming.headers.host!.split(':')[0])
  assert.deepEqual([...new Set(asked)], ['catalogue.lan', 'given.lan'])
})
