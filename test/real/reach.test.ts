/** Where torrents may send us, on an internet of our own with public addresses and names. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { writeRandomFile } from '../../bench/payload.js'
import { hashPayload } from '../../bench/torrent.js'
import { encodeBencode } from '../../src/core/bencode/encode-bencode.js'
import type { TrackerStats } from '../../src/tracker-server/tracker-stats.js'
import { CliProcess } from '../kit/cli-process.js'
import { assertSameFile, newFolder } from '../kit/real-folders.js'
import { RealGet } from '../kit/real-get.js'
import { makeInternet } from '../kit/real-internet.js'
import { RealProcess } from '../kit/real-process.js'
import { needs } from '../kit/real-programs.js'

const skip = needs('namespaces')
const payload = writeRandomFile(join(newFolder(), 'payload.bin'), 300_001)
const plan = hashPayload({ files: [payload], pieceLengthBytes: 65_536 })

const PUBLIC = ['9.9.9.9', '2620:fe::fe']
const NAMES = {
  localhost: ['127.0.0.1', '::1'],
  'public.example': PUBLIC,
  'inside.example': ['127.0.0.1', '10.9.9.9'],
  'beside.example': ['10.9.9.9'],
}
const SPELLED = [
  'http://127.0.0.1:6969/announce',
  'udp://10.9.9.9:6969/announce',
  'http://localhost:6969/announce',
]
const NAMED = ['http://inside.example:6969/announce', 'udp://inside.example:6969/announce']
const BESIDE = 'http://beside.example:6969/announce'
const REDIRECTED = ['http://public.example:8080/announce']
const OUTSIDE = 'http://public.example/announce'

/** The path of a .torrent with these trackers, each a tier. */
function torrentOf(folder: string, trackers: readonly string[]): string {
  const path = join(folder, 'set.torrent')
  writeFileSync(path, encodeBencode({ 'announce-list': trackers.map((url) => [url]), info: plan.info }))
  return path
}

/**
 * A public tracker that hands out the .torrent and knows a seed, one inside that does as well, and a public server that
 * sends everybody there.
 */
async function setUp(t: TestContext, trackers: readonly string[]) {
  const { prefix } = makeInternet(t, NAMES)
  const catalogue = newFolder()
  const torrent = torrentOf(catalogue, trackers)
  const listening = ({ event }: { readonly event: string }) => event === 'listening'
  const track = async (port: string, hosts: readonly string[]) => {
    const options = hosts.flatMap((host) => ['--host', host])
    const server = new CliProcess(
      t,
      ['tracker', '--port', port, '--catalogue', catalogue, ...options],
      prefix,
    )
    await server.until(listening)
  }
  const inside = 'http://127.0.0.1:6969'
  const redirect = new RealProcess(t, {
    program: process.execPath,
    args: ['-e', REDIRECT, `${inside}`],
    prefix,
  })
  await Promise.all([
    track('80', PUBLIC),
    track('6969', ['127.0.0.1', '10.9.9.9', '::1']),
    redirect.says(/ready/),
  ])
  const seed = new CliProcess(
    t,
    ['seed', torrentOf(newFolder(), [OUTSIDE]), dirname(payload.location)],
    prefix,
  )
  await seed.until(({ type }) => type === 'trackerAnswered')
  const output = newFolder()
  return {
    prefix,
    torrent,
    get: async (source: string, ...options: string[]) => {
      const ended = await new RealGet(t, [source, '-o', output, '--timeout', '20', ...options], prefix)
        .outcome
      if (ended.code === 0) assertSameFile(join(output, basename(payload.location)), payload.location)
      return ended
    },
    /** What has come to the tracker inside. */
    visitsInside: async () => {
      const { http, udp } = await statsOf(`${inside}/stats.json`, prefix)
      return http.announces + http.errors + udp.connects
    },
  }
}

/** Asked where the tracker is. */
async function statsOf(url: string, prefix: readonly string[]): Promise<TrackerStats> {
  const script = 'fetch(process.argv[1]).then((r) => r.text()).then(console.log)'
  const [program, ...args] = [...prefix, process.execPath, '-e', script, url]
  return JSON.parse((await promisify(execFile)(program!, args)).stdout) as TrackerStats
}

const REDIRECT = `
require('node:http').createServer((request, response) => {
  response.writeHead(302, { location: process.argv[1] + request.url }).end()
}).listen(8080, '9.9.9.9', () => console.log('ready'))`

const TELL_OF_PEERS_INSIDE = `
require('node:http').createServer((request, response) => {
  const peers = Buffer.from([10, 9, 9, 9, 0x1a, 0xe1, 127, 0, 0, 1, 0x1a, 0xe1])
  response.end(Buffer.concat([Buffer.from('d8:intervali1800e5:peers12:'), peers, Buffer.from('e')]))
}).listen(80, '9.9.9.9', () => console.log('ready'))`

function forbidden(events: readonly { readonly type?: string; readonly code?: string }[]): number {
  return events.filter(({ type, code }) => type === 'trackerFailed' && code === 'FORBIDDEN_ADDRESS').length
}

describe('a .torrent that names private trackers', { skip, concurrency: true }, () => {
  const all = [...SPELLED, ...NAMED, ...REDIRECTED, OUTSIDE]

  test('reaches none of them when it comes from a public server', async (t) => {
    const { get, visitsInside } = await setUp(t, all)
    const { code, events, stderr } = await get('http://public.example/torrents/set')
    assert.equal(code, 0, stderr)
    assert.equal(forbidden(events), all.length - 1)
    assert.equal(await visitsInside(), 0)
  })

  test('reaches those that are written as addresses when the user hands it over', async (t) => {
    const { get, torrent, visitsInside } = await setUp(t, [...NAMED, ...REDIRECTED, ...SPELLED, OUTSIDE])
    const { code, events, stderr } = await get(torrent)
    assert.equal(code, 0, stderr)
    assert.equal(forbidden(events), NAMED.length + REDIRECTED.length)
    assert.ok((await visitsInside()) > 0)
  })

  test('reaches those by the name that the user wrote as well when it comes from inside', async (t) => {
    const { get, visitsInside } = await setUp(t, [BESIDE, ...REDIRECTED, ...NAMED, ...SPELLED, OUTSIDE])
    const { code, events, stderr } = await get('http://inside.example:6969/torrents/set')
    assert.equal(code, 0, stderr)
    assert.equal(forbidden(events), 1 + REDIRECTED.length)
    assert.ok((await visitsInside()) > 0)
  })

  test('reaches all of them with --allow-private', async (t) => {
    const { get, visitsInside } = await setUp(t, [...NAMED, ...REDIRECTED, OUTSIDE])
    const { code, events, stderr } = await get('http://public.example/torrents/set', '--allow-private')
    assert.equal(code, 0, stderr)
    assert.equal(forbidden(events), 0)
    assert.ok((await visitsInside()) > 0)
  })

  test('ends the download at once when there is nobody else, and says what would help', async (t) => {
    const { get } = await setUp(t, NAMED)
    const { code, stderr } = await get('http://public.example/torrents/set')
    assert.equal(code, 4)
    assert.match(
      stderr,
      /inside\.example:6969: inside\.example \(127\.0\.0\.1\) is a loopback address.*--allow-private/,
    )
  })
})

test('a redirect from a public server to a private one is not followed to a .torrent', {
  skip,
}, async (t) => {
  const { get } = await setUp(t, [OUTSIDE])
  const refused = await get('http://public.example:8080/torrents/set')
  assert.match(refused.stderr, /127\.0\.0\.1 is a loopback address.*\(FORBIDDEN_ADDRESS\)/)
  assert.equal(refused.code, 3)
  assert.equal((await get('http://public.example:8080/torrents/set', '--allow-private')).code, 0)
})

test('a public tracker does not send us to peers inside, unless that is allowed', { skip }, async (t) => {
  const { prefix } = makeInternet(t, NAMES)
  const tracker = new RealProcess(t, {
    program: process.execPath,
    args: ['-e', TELL_OF_PEERS_INSIDE],
    prefix,
  })
  await tracker.says(/ready/)
  const torrent = torrentOf(newFolder(), ['http://public.example/announce'])
  for (const [options, count] of [
    [[], 0],
    [['--allow-private'], 2],
  ] as const) {
    const args = [torrent, '-o', newFolder(), '--timeout', '1', ...options]
    const { events } = await new RealGet(t, args, prefix).outcome
    assert.equal(events.find(({ type }) => type === 'trackerAnswered')?.peers, count)
  }
})

for (const url of [OUTSIDE, OUTSIDE.replace('http:', 'udp:').replace('/announce', ':80/announce')]) {
  test(`over both families ${url} hears of us, and names peers of both`, { skip }, async (t) => {
    const { get, torrent, prefix } = await setUp(t, [url])
    const another = new CliProcess(t, ['seed', torrent, dirname(payload.location), '--port', '0'], prefix)
    await another.until(({ type }) => type === 'trackerAnswered')
    await eventuallyStats(
      prefix,
      ({ ipv4PeerCount, ipv6PeerCount }) => ipv4PeerCount >= 2 && ipv6PeerCount >= 2,
    )
    const { code, events } = await get(torrent)
    assert.equal(code, 0)
    assert.ok(events.some(({ knownPeers = 0 }) => knownPeers >= 4))
  })
}

async function eventuallyStats(
  prefix: readonly string[],
  holds: (stats: TrackerStats) => boolean,
): Promise<void> {
  while (!holds(await statsOf('http://9.9.9.9/stats.json', prefix))) await delay(50)
}
