import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fetchFrom, scratchFolder } from '../kit/fetching.js'
import { serveHttp } from '../kit/local-server.js'
import { assertFiles, type MadeTorrent, makeSingle, makeTorrent } from '../kit/made-torrent.js'
import { type PeerLink, ScriptedPeer } from '../kit/scripted-peer.js'
import { eventually, openClient } from '../kit/seeding.js'
import { type WebRequest, WebServer } from '../kit/web-server.js'

const KIB = 1024
const MIB = 1024 * KIB
const TIMEOUT = { timeout: 20_000 }

/** Names that need care in a URL, spans across files and padding, and files of no bytes. */
function awkward(): MadeTorrent {
  return makeTorrent({
    folder: 'a set',
    pieceLength: 64 * KIB,
    files: {
      'one & two?.bin': 100_000,
      '.pad/31072': 31_072,
      empty: 0,
      'sub/ü#%41.bin': 300_001,
      'sub/tiny': 1,
      'last+.bin': 70_000,
    },
  })
}

test(
  'a single file comes from its URL alone, without a peer, and hardly a byte in vain',
  TIMEOUT,
  async (t) => {
    const torrent = makeSingle(20 * MIB + 5, 256 * KIB)
    const server = await WebServer.listen(t, torrent)
    const output = scratchFolder(t)
    const { result } = await fetchFrom(torrent, [], { output, webSeeds: [`${server.url}data.bin`] })
    assertFiles(torrent, output)
    assert.equal(result.downloadedBytes - result.wastedBytes, torrent.content.length)
    assert.ok(result.wastedBytes < MIB, `${result.wastedBytes} bytes in vain`)
    assert.ok(server.mostSockets > 1)
  },
)

test('the URL of a folder serves a single file as well, over IPv6', TIMEOUT, async (t) => {
  const torrent = makeSingle(300_000, 32 * KIB)
  const server = await WebServer.listen(t, torrent, { host: '::1' })
  const output = scratchFolder(t)
  await fetchFrom(torrent, [], { output, webSeeds: [server.url] })
  assertFiles(torrent, output)
})

test(
  'several files come from below one folder, whatever their names, and padding from nowhere',
  TIMEOUT,
  async (t) => {
    for (const end of ['', '/']) {
      const torrent = awkward()
      const server = await WebServer.listen(t, torrent)
      const output = scratchFolder(t)
      const { result } = await fetchFrom(torrent, [], { output, webSeeds: [server.url.slice(0, -1) + end] })
      assertFiles(torrent, output)
      assert.equal(result.downloadedBytes - result.wastedBytes, torrent.content.length)
      assert.ok(!server.requests.some(({ path }) => path.includes('.pad') || path.endsWith('empty')))
    }
  },
)

test('pieces of any size come in any memory', TIMEOUT, async (t) => {
  const sizes = [
    { length: 3 * MIB + 7, pieceLength: 16 * KIB, memoryBytes: 4 * MIB },
    { length: 12 * MIB, pieceLength: 3 * MIB, memoryBytes: 4 * MIB },
    { length: 9 * MIB + 1, pieceLength: 9 * MIB, memoryBytes: 4 * MIB },
    { length: 700_000, pieceLength: 100_001, memoryBytes: 4 * MIB },
    { length: 1, pieceLength: 16 * KIB, memoryBytes: 64 * MIB },
  ]
  for (const { length, pieceLength, memoryBytes } of sizes) {
    const torrent = makeSingle(length, pieceLength)
    const server = await WebServer.listen(t, torrent)
    const output = scratchFolder(t)
    const { result } = await fetchFrom(torrent, [], { output, memoryBytes, webSeeds: [server.url] })
    assertFiles(torrent, output)
    assert.equal(result.downloadedBytes - result.wastedBytes, length)
  }
})

test('of some files only their pieces are asked for', TIMEOUT, async (t) => {
  const torrent = makeTorrent({
    folder: 'set',
    pieceLength: 16 * KIB,
    files: { a: 200_000, b: 200_000, c: 200_000 },
  })
  const server = await WebServer.listen(t, torrent)
  const output = scratchFolder(t)
  await fetchFrom(torrent, [], { output, select: ['set/b'], webSeeds: [server.url] })
  assertFiles(torrent, output, (path) => path === 'b')
  const asked = (path: string) => server.rangesOf(path).flat()
  assert.ok(Math.min(...asked('set/a')) > 200_000 - 16 * KIB)
  assert.ok(Math.max(...asked('set/c')) < 16 * KIB)
})

test('pieces come in order where that is wanted', TIMEOUT, async (t) => {
  const torrent = makeSingle(16 * MIB, 256 * KIB)
  const server = await WebServer.listen(t, torrent)
  const output = scratchFolder(t)
  await fetchFrom(torrent, [], { output, sequential: true, webSeeds: [server.url] })
  assertFiles(torrent, output)
  const firsts = server.rangesOf('data.bin').map(([first]) => first)
  assert.deepEqual(firsts.slice(0, 1), [0])
  assert.ok(Math.max(...firsts.slice(0, 4)) < 8 * MIB * 2)
})

test('a web seed has what peers lack, and peers have what it lacks', TIMEOUT, async (t) => {
  const torrent = makeTorrent({
    folder: 'set',
    pieceLength: 64 * KIB,
    files: { a: 20 * 64 * KIB, b: 20 * 64 * KIB },
  })
  const server = await WebServer.listen(t, torrent, {
    script: (request) => {
      if (request.path === 'set/a') request.serve()
      else request.response.writeHead(404).end()
    },
  })
  const greeted = (link: PeerLink) => {
    link.greet()
    link.offer(Array.from({ length: 20 }, (_, at) => 20 + at))
  }
  const peer = await ScriptedPeer.listen(t, torrent, { host: 2, script: { greeted } })
  const output = scratchFolder(t)
  const { result } = await fetchFrom(torrent, [peer], { output, webSeeds: [server.url] })
  assertFiles(torrent, output)
  assert.equal(result.downloadedBytes - result.wastedBytes, torrent.content.length)
})

test('a hundred URLs of one host are no more to it than one', TIMEOUT, async (t) => {
  const torrent = makeSingle(8 * MIB, 64 * KIB)
  const server = await WebServer.listen(t, torrent)
  const webSeeds = Array.from({ length: 100 }, (_, at) => `${server.url}data.bin?mirror=${at}`)
  const output = scratchFolder(t)
  await fetchFrom(torrent, [], { output, webSeeds })
  assertFiles(torrent, output)
  // Those that we have closed may still look open to the server.
  assert.ok(server.mostSockets <= 16, `${server.mostSockets} connections`)
})

test('a rate limit holds for web seeds', TIMEOUT, async (t) => {
  const torrent = makeSingle(1_200_000, 64 * KIB)
  const server = await WebServer.listen(t, torrent)
  const output = scratchFolder(t)
  const limit = { maxDownloadBytesPerSecond: 1_000_000 }
  const { result } = await fetchFrom(torrent, [], { output, webSeeds: [server.url], ...limit })
  assertFiles(torrent, output)
  // A quarter of a second's worth comes at once.
  assert.ok(result.elapsedMs >= 900, `${result.elapsedMs} ms`)
})

test('a script that hands out pieces (BEP 17) will do as well', TIMEOUT, async (t) => {
  const { bytes, metainfo, content } = makeSingle(3 * MIB + 5, 64 * KIB)
  const asked: string[] = []
  const url = await serveHttp(t, (request, response) => {
    asked.push(request.url!)
    const match = /^\/\?info_hash=((?:%[0-9a-f]{2}){20})&piece=(\d+)&ranges=(\d+)-(\d+)$/.exec(request.url!)
    if (match === null) return void response.writeHead(404).end()
    assert.equal(match[1]!.replaceAll('%', ''), metainfo.infoHash.hex)
    const begin = Number(match[2]) * metainfo.geometry.pieceLength
    response.end(content.subarray(begin + Number(match[3]), begin + Number(match[4]) + 1))
  })
  const output = scratchFolder(t)
  const torrent = { bytes: withHttpSeed(bytes, url), metainfo, content }
  await fetchFrom(torrent, [], { output })
  assertFiles(torrent, output)
  assert.ok(asked.length >= metainfo.geometry.pieceCount)
})

/** The same torrent, with a key that comes before `info`. */
function withHttpSeed(bytes: Uint8Array, url: string): Uint8Array {
  return Buffer.concat([Buffer.from(`d9:httpseedsl${url.length}:${url}e`), bytes.subarray(1)])
}

test('several torrents share a host, and none of them waits for another', TIMEOUT, async (t) => {
  const large = makeSingle(4 * MIB, 64 * KIB)
  const held: WebRequest[] = []
  const server = await WebServer.listen(t, large, { script: (request) => void held.push(request) })
  const client = openClient(t)
  const options = { output: scratchFolder(t), useTrackers: false, webSeeds: [server.url] }
  await client.add(large.bytes, options)
  await eventually(() => held.length === 1)
  const small = makeTorrent({ files: { 'data.bin': 100_000 }, pieceLength: 16 * KIB })
  await client.add(small.bytes, { ...options, output: scratchFolder(t) })
  await eventually(() => held.length === 2)
})
