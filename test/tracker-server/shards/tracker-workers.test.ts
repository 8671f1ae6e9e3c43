/** A tracker of several processes, from outside. Which of them reads what is chance: all have to give the same. */
import assert from 'node:assert/strict'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { setTimeout as delay, setImmediate } from 'node:timers/promises'
import { OptionError } from '../../../src/core/errors.js'
import { parseMetainfo } from '../../../src/metainfo/parse-metainfo.js'
import type { TrackerServerOptions } from '../../../src/tracker-server/tracker-options.js'
import { TrackerServer } from '../../../src/tracker-server/tracker-server.js'
import { torrentBytes } from '../../metainfo/torrent-bytes.js'
import { announceQuery, percentEncoded } from '../http-queries.js'
import { type RunningTracker, rawExchange, runTracker, trackerFolder, udpClient } from '../running-tracker.js'
import { infoHash } from '../sample-tracker.js'
import { announcePacket, connectPacket, scrapePacket } from '../udp-packets.js'
import { isAlive, workerPids } from './worker-pids.js'

const skip = existsSync('/proc/self/stat') ? false : 'processes are looked for in /proc'
const TORRENTS = Array.from({ length: 40 }, (_, torrent) => torrent + 1)

/** On a connection of its own, which any of the processes may take. */
async function get({ server }: RunningTracker, target: string, more = ''): Promise<string> {
  return await rawExchange(
    server.port,
    `GET ${target} HTTP/1.1\r\nHost: t\r\nConnection: close\r\n${more}\r\n`,
  )
}

/** A peer for each torrent, by HTTP. */
async function announceAll(tracker: RunningTracker, port: number, more = ''): Promise<string[]> {
  return await Promise.all(
    TORRENTS.map((torrent) => get(tracker, `/announce?${announceQuery(torrent, port, more)}`)),
  )
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await delay(20)
}

describe('a tracker with several workers', { skip, concurrency: true }, () => {
  test('has every torrent in one place, whoever reads the announce', async (t) => {
    const tracker = await runTracker(t, { workers: 3 })
    await announceAll(tracker, 257)
    const ask = await udpClient(t, tracker.server.port)
    const id = (await ask(connectPacket(1))).subarray(8)
    for (const torrent of TORRENTS) {
      const answer = await ask(announcePacket(id, { torrent, port: 258, left: 0n }))
      assert.deepEqual([answer.readInt32BE(0), answer.subarray(20).toString('hex')], [1, '7f0000010101'])
    }
    for (const answer of await announceAll(tracker, 257)) assert.match(answer, /5:peers6:.{6}e$/s)
    const scrape = await ask(scrapePacket(id, TORRENTS.map(infoHash)))
    const counts = TORRENTS.map((_, place) => scrape.readInt32BE(8 + 12 * place))
    assert.deepEqual(counts, new Array(40).fill(1))
    const stats = await tracker.server.stats()
    assert.deepEqual([stats.swarmCount, stats.seedCount, stats.leecherCount], [40, 40, 40])
    assert.deepEqual([stats.http.announces, stats.udp.announces, stats.process.count], [80, 40, 3])
    assert.equal(stats.swarms.length, 40)
  })

  test('is there for IPv6 too', async (t) => {
    const { server } = await runTracker(t, { workers: 2, hosts: ['127.0.0.1', '::1'] })
    const ask = await udpClient(t, server.port, '::1')
    const id = (await ask(connectPacket(1))).subarray(8)
    for (const torrent of TORRENTS) await ask(announcePacket(id, { torrent, port: 258 }))
    for (const torrent of TORRENTS)
      await fetch(`http://[::1]:${server.port}/announce?${announceQuery(torrent, 259)}`)
    assert.equal((await server.stats()).ipv6PeerCount, 80)
  })

  test('shows the same pages on every connection', async (t) => {
    const tracker = await runTracker(t, { workers: 3 })
    await announceAll(tracker, 1)
    for (let connection = 0; connection < 12; connection++) {
      assert.match(await get(tracker, '/metrics'), /swarmfetch_tracker_peers\{kind="leecher"\} 40\n/)
      assert.match(await get(tracker, '/'), /<h1>swarmfetch tracker/)
      assert.match(await get(tracker, '/nothing'), /^HTTP\/1\.1 404 /)
    }
    assert.equal([...(await get(tracker, '/scrape')).matchAll(/10:incompletei1e/g)].length, 40)
  })

  test('believes X-Forwarded-For of a trusted proxy only', async (t) => {
    const tracker = await runTracker(t, { workers: 2, trustedProxies: ['127.0.0.0/8'] })
    const header = 'X-Forwarded-For: 65.66.67.68\r\n'
    for (const torrent of TORRENTS) await get(tracker, `/announce?${announceQuery(torrent, 0x4546)}`, header)
    for (const answer of await announceAll(tracker, 1)) assert.match(answer, /5:peers6:ABCDEFe$/)
  })

  test('keeps its state over a restart, with any number of workers', async (t) => {
    const stateFile = join(trackerFolder(), 'state')
    for (const [round, workers] of [1, 3, 2, 1].entries()) {
      const tracker = await runTracker(t, { workers, stateFile })
      await announceAll(tracker, 100 + round, '&left=0&event=completed')
      const { seedCount, swarms } = await tracker.server.stats()
      assert.equal(seedCount, 40 * (round + 1))
      assert.deepEqual(new Set(swarms.map(({ completed }) => completed)), new Set([round + 1]))
      await tracker.server.close()
    }
  })

  test('reads its lists in all processes', async (t) => {
    const denyFile = join(trackerFolder(), 'deny')
    const lines = TORRENTS.map((torrent) => `${Buffer.from(infoHash(torrent)).toString('hex')}\n`)
    writeFileSync(denyFile, lines.join(''))
    const tracker = await runTracker(t, { workers: 3, denyFile })
    for (const answer of await announceAll(tracker, 1)) assert.match(answer, /does not serve/)
    writeFileSync(denyFile, '')
    await tracker.server.reloadLists()
    for (const answer of await announceAll(tracker, 1)) assert.match(answer, /8:interval/)
    writeFileSync(denyFile, 'nonsense')
    await assert.rejects(tracker.server.reloadLists(), OptionError)
  })

  test('has one catalogue, which changes on every connection, and serves what is in it', async (t) => {
    const folder = trackerFolder()
    const allowFile = join(folder, 'allow')
    writeFileSync(allowFile, '')
    const options = { workers: 3, allowFile, catalogue: join(folder, 'torrents'), writeToken: 'secret' }
    const tracker = await runTracker(t, options)
    const call = (method: string, name: string, body?: Uint8Array, token = 'secret') => {
      const headers = { Authorization: `Bearer ${token}`, Connection: 'close' }
      const content = body === undefined ? {} : { body }
      return fetch(`${tracker.url}/torrents/${name}`, { method, headers, ...content })
    }
    for (let number = 0; number < 12; number++) {
      const torrent = torrentBytes({ name: `file ${number}` })
      const announce = `/announce?${announceQuery(1, 1)}&info_hash=${percentEncoded(parseMetainfo(torrent).infoHash.bytes)}`
      assert.match(await get(tracker, announce), /does not serve/)
      assert.equal((await call('PUT', `t${number}`, torrent, 'wrong')).status, 401)
      assert.equal((await call('PUT', `t${number}`, torrent)).status, 201)
      assert.match(await get(tracker, announce), /8:interval/)
      assert.deepEqual(
        Buffer.from(await (await call('GET', `t${number}`)).arrayBuffer()),
        Buffer.from(torrent),
      )
      const found = (await (await fetch(`${tracker.url}/torrents?query=${number}`)).json()) as {
        torrents: object[]
      }
      assert.ok(found.torrents.some((entry) => 'peers' in entry && entry.peers === 1))
      assert.equal((await call('DELETE', `t${number}`)).status, 200)
      assert.match(await get(tracker, announce), /does not serve/)
    }
    for (let attempt = 0; attempt < 6; attempt++) {
      assert.equal((await call('PUT', 'huge', Buffer.alloc(10_000_001))).status, 413)
    }
  })
})

/** One after another: they look for the processes of all trackers here. */
describe('the processes of a tracker', { skip }, () => {
  async function runWorkers(t: TestContext, options: TrackerServerOptions) {
    const notices: string[] = []
    const tracker = await runTracker(t, { ...options, onNotice: (text) => notices.push(text) })
    return { tracker, notices }
  }

  test('a worker that is killed is replaced, from the last saved state, while the others go on', async (t) => {
    const stateFile = join(trackerFolder(), 'state')
    const first = await runTracker(t, { stateFile })
    await announceAll(first, 1)
    await first.server.close()
    const { tracker, notices } = await runWorkers(t, { workers: 2, stateFile })
    await announceAll(tracker, 2)
    const before = await tracker.server.stats()
    assert.equal(before.leecherCount, 80)
    const [pid] = workerPids()
    process.kill(pid!, 'SIGKILL')
    await until(async () => notices.length > 0 && (await tracker.server.stats()).process.count === 2)
    assert.match(notices.join(), /^worker 1 ended \(SIGKILL\): another takes its place/)
    for (const answer of await announceAll(tracker, 2)) assert.match(answer, /10:incompletei2e/)
    const after = await tracker.server.stats()
    assert.deepEqual([after.leecherCount, after.http.announces], [80, before.http.announces + 40])
    assert.deepEqual([workerPids().length, workerPids().includes(pid!)], [1, false])
  })

  test('workers that die again and again end the tracker with an error', async (t) => {
    const { tracker, notices } = await runWorkers(t, { workers: 2 })
    const ended = assert.rejects(tracker.server.ended, /workers.*worker 1 ended: SIGKILL/)
    let isOver = false
    void ended.then(() => {
      isOver = true
    })
    await until(() => {
      for (const pid of workerPids()) process.kill(pid, 'SIGKILL')
      return isOver
    })
    await ended
    assert.equal(notices.filter((text) => text.includes('takes its place')).length, 5)
    assert.deepEqual(workerPids(), [])
    await assert.rejects(fetch(tracker.url))
  })

  test('none is left when it was closed, whatever it was doing', async (t) => {
    const { tracker } = await runWorkers(t, { workers: 3, stateFile: join(trackerFolder(), 'state') })
    const pids = workerPids()
    assert.equal(pids.length, 2)
    const announces = announceAll(tracker, 1).catch(() => {})
    await setImmediate()
    await tracker.server.close()
    await tracker.server.ended
    assert.deepEqual(pids.filter(isAlive), [])
    await announces
  })

  test('when it cannot start, none is left', async (t) => {
    const { tracker } = await runWorkers(t, {})
    const other = new TrackerServer({ port: tracker.server.port, hosts: ['127.0.0.1'], workers: 3 })
    await assert.rejects(other.listen(), OptionError)
    await other.close()
    assert.deepEqual(workerPids(), [])
  })

  test('there are no more workers than peers or torrents to keep', () => {
    for (const options of [
      { workers: 0 },
      { workers: 65 },
      { workers: 3, maxPeers: 2 },
      { workers: 2, maxTorrents: 1 },
    ]) {
      assert.throws(() => new TrackerServer(options), /workers/)
    }
  })
})
