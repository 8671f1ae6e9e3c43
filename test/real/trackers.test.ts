/** Peers found through opentracker, known to the download from the .torrent alone. */
import assert from 'node:assert/strict'
import { basename, dirname, join } from 'node:path'
import { test } from 'node:test'
import { writeRandomFile } from '../../bench/payload.js'
import { hashPayload, writeTorrent } from '../../bench/torrent.js'
import { udpAnnounce } from '../../src/tracker/udp-announce.js'
import { UdpConnections } from '../../src/tracker/udp-connections.js'
import { udpScrape } from '../../src/tracker/udp-scrape.js'
import { assertSameFile, newFolder } from '../kit/real-folders.js'
import { RealGet } from '../kit/real-get.js'
import { startOpentracker } from '../kit/real-opentracker.js'
import { needs } from '../kit/real-programs.js'
import { loopbackPlace, startLibtorrent } from '../kit/real-seeds.js'

const payload = writeRandomFile(join(newFolder(), 'payload.bin'), 3_000_001)
const info = hashPayload({ files: [payload], pieceLengthBytes: 65_536 })

function torrentWith(tracker: string): string {
  const torrent = join(newFolder(), 'payload.torrent')
  writeTorrent(torrent, info, tracker)
  return torrent
}

for (const scheme of ['http', 'udp']) {
  test(`a download finds its peer through opentracker over ${scheme}`, {
    skip: needs('opentracker', 'libtorrent'),
  }, async (t) => {
    const tracker = (await startOpentracker(t, [info.infoHashHex])).replace('http', scheme)
    const torrent = torrentWith(tracker)
    const folder = dirname(payload.location)
    const seed = await startLibtorrent(t, { torrent, folder, place: await loopbackPlace() })
    await seed.says(/^announced$/m)
    const output = newFolder()
    const get = new RealGet(t, [torrent, '-o', output, '--timeout', '20'])
    const { code, events, stderr } = await get.outcome
    assert.equal(code, 0, stderr)
    assert.ok(events.some((event) => event.type === 'trackerAnswered'))
    assertSameFile(join(output, basename(payload.location)), payload.location)
  })
}

test('what opentracker says when it refuses a torrent is told', { skip: needs('opentracker') }, async (t) => {
  const torrent = torrentWith(await startOpentracker(t, []))
  const get = new RealGet(t, [torrent, '-o', newFolder(), '--timeout', '2'])
  const { code, events, stderr } = await get.outcome
  assert.equal(code, 4)
  assert.match(stderr, /not authorized .* \(NO_PEERS\)$/m)
  const refusal = events.find((event) => event.type === 'trackerFailed')
  assert.equal(refusal?.code, 'REFUSED')
})

test('opentracker counts over UDP what was announced over UDP', { skip: needs('opentracker') }, async (t) => {
  const url = (await startOpentracker(t, [info.infoHashHex])).replace('http', 'udp')
  const tracker = new URL(url)
  const connections = new UdpConnections()
  t.after(() => connections.close())
  const { signal } = new AbortController()
  const infoHash = Buffer.from(info.infoHashHex, 'hex')
  const basics = { infoHash, uploaded: 0, downloaded: 0, numWant: 50, trackerId: undefined, key: '00c0ffee' }
  for (const [name, left] of Object.entries({ seed: 0, leecher: 1 })) {
    const peerId = Buffer.from(name.padEnd(20))
    const request = { ...basics, peerId, left, port: 5000 + left, event: 'started' } as const
    await udpAnnounce(connections, { family: 4, reach: 'always' })(tracker, request, signal)
  }
  const asked = { url: tracker, family: 4, mayBePrivate: true } as const
  const [counts] = await udpScrape(connections, { tracker: asked, infoHashes: [infoHash] }, signal)
  assert.deepEqual(counts, { seedCount: 1, completedCount: 0, leecherCount: 1 })
})
