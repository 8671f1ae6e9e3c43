import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { OptionError } from '../../src/core/errors.js'
import { TrackerServer } from '../../src/tracker-server/tracker-server.js'
import { announceQuery } from './http-queries.js'
import { rawExchange, runTracker, trackerFolder, udpClient } from './running-tracker.js'
import { announcePacket, connectPacket } from './udp-packets.js'

async function announce(url: string, query: string, headers: Record<string, string> = {}): Promise<string> {
  const response = await fetch(`${url}/announce?${query}`, { headers })
  assert.equal(response.status, 200)
  return Buffer.from(await response.arrayBuffer()).toString('latin1')
}

test('one who announces by UDP and one who announces by HTTP hear of each other, on one port', async (t) => {
  const { server, url } = await runTracker(t)
  const ask = await udpClient(t, server.port)
  const id = (await ask(connectPacket(1))).subarray(8)
  assert.equal((await ask(announcePacket(id, { port: 258, left: 0n }))).length, 20)
  assert.ok((await announce(url, announceQuery(1, 259))).endsWith('5:peers6:\x7f\x00\x00\x01\x01\x02e'))
  const answer = await ask(announcePacket(id, { port: 258, left: 0n }))
  assert.equal(answer.subarray(20).toString('latin1'), '\x7f\x00\x00\x01\x01\x03')
})

test('it listens on IPv4 and IPv6', async (t) => {
  const hosts = ['127.0.0.1', '::1']
  const { server } = await runTracker(t, { hosts })
  assert.deepEqual(server.hosts, hosts)
  await announce(`http://127.0.0.1:${server.port}`, announceQuery(1, 1))
  const ask = await udpClient(t, server.port, '::1')
  const id = (await ask(connectPacket(1))).subarray(8)
  await ask(announcePacket(id, { port: 2 }))
  const { ipv4PeerCount, ipv6PeerCount } = await server.stats()
  assert.deepEqual([ipv4PeerCount, ipv6PeerCount], [1, 1])
})

test('X-Forwarded-For counts from a trusted proxy only', async (t) => {
  for (const trustedProxies of [[], ['127.0.0.0/8']]) {
    const { url } = await runTracker(t, { trustedProxies })
    await announce(url, announceQuery(1, 257), { 'X-Forwarded-For': '203.0.113.5' })
    const seen = trustedProxies.length === 0 ? '\x7f\x00\x00\x01\x01\x01' : '\xcb\x00\x71\x05\x01\x01'
    assert.ok((await announce(url, announceQuery(1, 2))).includes(`5:peers6:${seen}`))
  }
})

test('swarms survive a restart', async (t) => {
  const stateFile = join(trackerFolder(), 'state')
  const first = await runTracker(t, { stateFile })
  await announce(first.url, `${announceQuery(1, 1)}&left=0&event=completed`)
  await first.server.close()
  const second = await runTracker(t, { stateFile })
  const { seedCount, swarms } = await second.server.stats()
  assert.deepEqual([seedCount, swarms[0]?.completed], [1, 1])
})

test('a damaged state is told of, and the tracker starts empty', async (t) => {
  const stateFile = join(trackerFolder(), 'state')
  writeFileSync(stateFile, 'SFTRACK1 and then nothing')
  const notices: string[] = []
  const { server } = await runTracker(t, { stateFile, onNotice: (text) => notices.push(text) })
  assert.equal((await server.stats()).swarmCount, 0)
  assert.match(notices.join(), /damaged/)
})

test('lists are in force from the start, and read again when asked', async (t) => {
  const denyFile = join(trackerFolder(), 'deny')
  writeFileSync(denyFile, '01'.repeat(20))
  const { server, url } = await runTracker(t, { denyFile })
  assert.match(await announce(url, announceQuery(1, 1)), /failure reason/)
  writeFileSync(denyFile, '02'.repeat(20))
  await server.reloadLists()
  assert.match(await announce(url, announceQuery(1, 1)), /8:interval/)
  assert.match(await announce(url, announceQuery(2, 1)), /failure reason/)
})

test('what it cannot start with is an OptionError, and leaves nothing open', async (t) => {
  const { server } = await runTracker(t)
  const folder = trackerFolder()
  mkdirSync(join(folder, 'state'))
  writeFileSync(join(folder, 'list'), 'nonsense')
  const bad = [
    { port: server.port },
    { allowFile: join(folder, 'missing') },
    { denyFile: join(folder, 'list') },
    { stateFile: join(folder, 'state') },
    { catalogue: join(folder, 'list') },
  ]
  for (const options of bad) {
    const other = new TrackerServer({ port: 0, hosts: ['127.0.0.1'], ...options })
    await assert.rejects(other.listen(), OptionError)
    await other.close()
  }
})

test('options that make no sense are refused by name', () => {
  const bad = [
    [{ port: 65_536 }, /port/],
    [{ port: 1.5 }, /port/],
    [{ hosts: [] }, /hosts/],
    [{ hosts: ['localhost'] }, /hosts/],
    [{ intervalSeconds: 0 }, /intervalSeconds/],
    [{ maxPeers: Number.NaN }, /maxPeers/],
    [{ writeToken: '' }, /writeToken/],
    [{ writeToken: 'a b' }, /writeToken/],
    [{ trustedProxies: ['everybody'] }, /trustedProxies/],
  ] as const
  for (const [options, pattern] of bad) {
    assert.throws(
      () => new TrackerServer(options),
      (error) => error instanceof OptionError && pattern.test(error.message),
    )
  }
})

test('closing twice is closing once, and a closed tracker does not listen again', async (t) => {
  const { server } = await runTracker(t)
  assert.equal(server.close(), server.close())
  await server.close()
  await assert.rejects(server.listen(), { code: 'CLOSED' })
})

/** Plain ones are answered at the gate; a header that it does not know takes a request to Node's server. */
const ODD_HEADER = 'X-Odd: 1\r\n'

function rawAnnounce(port: number, more = ''): string {
  return `GET /announce?${announceQuery(1, port)} HTTP/1.1\r\nHost: t\r\n${more}\r\n`
}

function leecherCounts(answers: string): (string | undefined)[] {
  return [...answers.matchAll(/incompletei(\d)e/g)].map(([, count]) => count)
}

test('announces in one stretch of bytes are answered in order, plain or not', async (t) => {
  for (const odd of [[], [1], [2], [3], [1, 3], [4]]) {
    const { server } = await runTracker(t)
    const requests = [1, 2, 3, 4].map((port) => {
      return rawAnnounce(
        port,
        (odd.includes(port) ? ODD_HEADER : '') + (port === 4 ? 'Connection: close\r\n' : ''),
      )
    })
    const answers = await rawExchange(server.port, requests.join(''))
    assert.deepEqual(leecherCounts(answers), ['1', '2', '3', '4'], `odd: ${odd}`)
    assert.equal(answers.match(/HTTP\/1\.1 200 OK/g)?.length, 4)
  }
})

test('announces are answered however TCP cut them', async (t) => {
  const { server } = await runTracker(t)
  const bytes = Buffer.from(rawAnnounce(1) + rawAnnounce(2, 'Connection: close\r\n'))
  for (let cut = 1; cut < bytes.length; cut += 7) {
    const answers = await rawExchange(server.port, [bytes.subarray(0, cut), bytes.subarray(cut)])
    assert.equal(leecherCounts(answers).length, 2, `cut at ${cut}`)
  }
  assert.equal((await server.stats()).leecherCount, 2)
})

test('a page can be asked for on the connection of an announce', async (t) => {
  const { server } = await runTracker(t)
  const page = 'GET /metrics HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n'
  const answers = await rawExchange(server.port, [Buffer.from(rawAnnounce(1)), Buffer.from(page)])
  assert.deepEqual(leecherCounts(answers), ['1'])
  assert.match(answers, /swarmfetch_tracker_swarms 1\n/)
})

test('what follows the last request of a connection is not answered', async (t) => {
  const { server } = await runTracker(t)
  const answers = await rawExchange(server.port, rawAnnounce(1, 'Connection: close\r\n') + rawAnnounce(2))
  assert.deepEqual(leecherCounts(answers), ['1'])
  assert.equal((await server.stats()).leecherCount, 1)
})

test('what is no HTTP, or too much of it, is refused and the connection ended', async (t) => {
  const { server } = await runTracker(t)
  const hostile = [
    'nonsense\r\n\r\n',
    Buffer.alloc(20_000, 0),
    `GET /${'a'.repeat(20_000)} HTTP/1.1\r\n\r\n`,
    `GET / HTTP/1.1\r\nHost: t\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`,
    'GET / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n',
  ]
  for (const bytes of hostile) assert.match(await rawExchange(server.port, bytes), /^HTTP\/1\.1 4\d\d /)
  assert.equal((await server.stats()).swarmCount, 0)
})

test('the page, its JSON twin and the metrics say the same', async (t) => {
  const { url } = await runTracker(t)
  await announce(url, announceQuery(0xab, 1))
  const page = await fetch(url)
  assert.match(page.headers.get('content-type') ?? '', /^text\/html/)
  assert.match(await page.text(), /<code>(ab){20}<\/code><td>0<td>1<td>0/)
  const stats = (await (await fetch(`${url}/stats.json`)).json()) as {
    swarms: unknown[]
    leecherCount: number
  }
  assert.deepEqual([stats.swarms.length, stats.leecherCount], [1, 1])
  assert.match(await (await fetch(`${url}/metrics`)).text(), /swarmfetch_tracker_swarms 1\n/)
})

test('an announce without a query is told what it lacks', async (t) => {
  const { url } = await runTracker(t)
  assert.match(await (await fetch(`${url}/announce`)).text(), /^d14:failure reason\d+:info_hash is missing/)
})

test('other paths and methods are refused', async (t) => {
  const { url } = await runTracker(t)
  for (const path of ['/nothing', '/announce/', '/scrapes', '/torrents', '/torrents/x']) {
    assert.equal((await fetch(url + path)).status, 404, path)
  }
  assert.equal((await fetch(`${url}/`, { method: 'POST', body: 'x' })).status, 405)
})

test('nothing but what was asked for is left in the folder of the state', async (t) => {
  const folder = trackerFolder()
  const { server } = await runTracker(t, { stateFile: join(folder, 'state') })
  await server.close()
  assert.deepEqual(readdirSync(folder), ['state'])
})
