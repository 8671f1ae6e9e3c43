/**
 * Downloads that begin with a magnet link or an info hash: where the metadata comes from, and what becomes of
 * it.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { Client } from '../../src/client/client.js'
import { fetchTorrent } from '../../src/client/fetch-torrent.js'
import type { FetchOptions } from '../../src/client/options.js'
import { encodeBencode } from '../../src/core/bencode/encode-bencode.js'
import { GaveUpError, MetainfoError, OptionError } from '../../src/core/errors.js'
import { magnetLink } from '../../src/metainfo/magnet-link.js'
import { parseMetainfo } from '../../src/metainfo/parse-metainfo.js'
import { scratchFolder } from '../kit/fetching.js'
import { serveHttp } from '../kit/local-server.js'
import { assertFiles, type MadeTorrent, makeTorrent } from '../kit/made-torrent.js'
import { keepSilent, metadataScript, offerMetadata } from '../kit/metadata-script.js'
import { PeerLink, ScriptedPeer } from '../kit/scripted-peer.js'

const KIB = 1024
const TIMEOUT = { timeout: 15_000 }
/** Three pieces of metadata. */
const TORRENT = makeTorrent({
  files: { 'a.bin': 700_000, 'b.bin': 4_000_000 },
  folder: 'set',
  pieceLength: 2 * KIB,
})
const HASH = TORRENT.metainfo.infoHash.hex

const listen = (t: TestContext, torrent = TORRENT) =>
  ScriptedPeer.listen(t, torrent, { script: metadataScript() })

function get(t: TestContext, source: string, options: Partial<FetchOptions> = {}) {
  const output = scratchFolder(t)
  const done = fetchTorrent(source, {
    workers: 1,
    port: 0,
    useTrackers: false,
    dht: false,
    lsd: false,
    output,
    ...options,
  })
  return { output, done }
}

function openClient(t: TestContext): Client {
  const client = new Client({ port: 0, workers: 1, dht: false, lsd: false })
  t.after(() => client.close())
  return client
}

const keptFile = (output: string) => join(output, `.${HASH}.torrent`)

test('an info hash becomes a download, by a peer that the user names', TIMEOUT, async (t) => {
  const peer = await listen(t)
  const { output, done } = get(t, HASH, { peers: [peer.address] })
  assert.equal((await done).name, 'set')
  assertFiles(TORRENT, output)
})

test('a magnet link becomes a download, by a peer that it names', TIMEOUT, async (t) => {
  const peer = await listen(t)
  const { output, done } = get(t, `${magnetLink({ ...TORRENT.metainfo, trackers: [] })}&x.pe=${peer.name}`)
  await done
  assertFiles(TORRENT, output)
})

test(
  'a tracker that the link names gives the peers, and hears no farewell in between',
  TIMEOUT,
  async (t) => {
    const peer = await listen(t)
    const told: URLSearchParams[] = []
    const tracker = await serveHttp(t, (request, response) => {
      told.push(new URL(request.url!, 'http://t').searchParams)
      const { host, port } = peer.address
      const peers = Buffer.from([...host.split('.').map(Number), port >> 8, port & 0xff])
      response.end(encodeBencode({ interval: 1800, peers }))
    })
    const { output, done } = get(t, magnetLink({ ...TORRENT.metainfo, trackers: [[tracker]] }), {
      useTrackers: true,
    })
    await done
    assertFiles(TORRENT, output)
    assert.deepEqual(
      told.map((query) => [query.get('event'), query.get('left')]),
      [
        ['started', '16384'],
        ['started', '4700000'],
        ['completed', '0'],
        ['stopped', '0'],
      ],
    )
  },
)

test('the .torrent that a link points to will do', TIMEOUT, async (t) => {
  const peer = await ScriptedPeer.listen(t, TORRENT)
  const wrong = await serveHttp(t, (_, response) => response.end('nonsense'))
  const right = await serveHttp(t, (_, response) => response.end(TORRENT.bytes))
  const link = `magnet:?xt=urn:btih:${HASH}&xs=${wrong}&xs=${right}`
  const { output, done } = get(t, link, { peers: [peer.address] })
  await done
  assertFiles(TORRENT, output)
})

test('a search that ends with nothing says what came of its links', TIMEOUT, async (t) => {
  const missing = await serveHttp(t, (_, response) => response.writeHead(404).end())
  const wrong = await serveHttp(t, (_, response) => response.end('nonsense'))
  const cases = [
    [missing, /no peers known; cannot fetch from 127\.0\.0\.1:\d+: HTTP status 404\)$/],
    [wrong, /no peers known; 127\.0\.0\.1:\d+ gave something else than the \.torrent\)$/],
  ] as const
  for (const [url, message] of cases) {
    const found = openClient(t).fetchMetadata(`magnet:?xt=urn:btih:${HASH}&xs=${url}`)
    await assert.rejects(found, { code: 'NO_METADATA', message })
  }
})

test('a peer that connects to us is asked as well', TIMEOUT, async (t) => {
  const script = { ...metadataScript(), greeted: (link: PeerLink) => offerMetadata(link) }
  const peer = await ScriptedPeer.listen(t, TORRENT, { script })
  const client = openClient(t)
  const mute = await ScriptedPeer.listen(t, TORRENT, { script: { greeted() {} } })
  const found = client.fetchMetadata(HASH, { peers: [mute.address] })
  while (mute.links.length === 0) await new Promise((resolve) => setImmediate(resolve))
  const caller = connect(client.port, '127.0.0.1')
  t.after(() => caller.destroy())
  new PeerLink(peer, caller).greet()
  assert.equal((await found).metainfo.infoHash.hex, HASH)
})

test('a client gives its metadata to another', TIMEOUT, async (t) => {
  const peer = await ScriptedPeer.listen(t, TORRENT)
  const [first, second] = [openClient(t), openClient(t)]
  const seeding = await first.add(TORRENT.bytes, {
    output: scratchFolder(t),
    peers: [peer.address],
    useTrackers: false,
    seed: true,
  })
  await seeding.done
  const { metainfo, peers } = await second.fetchMetadata(HASH, {
    peers: [{ host: '127.0.0.1', port: first.port }],
  })
  assert.deepEqual(metainfo.files, TORRENT.metainfo.files)
  assert.deepEqual(peers, [{ host: '127.0.0.1', port: first.port, source: 'user' }])
})

test('only the files that the link asks for are fetched', TIMEOUT, async (t) => {
  const peer = await listen(t)
  const { output, done } = get(t, `magnet:?xt=urn:btih:${HASH}&so=1-5&x.pe=${peer.name}`)
  assert.equal((await done).totalBytes, 4_000_000)
  assertFiles(TORRENT, output, (path) => path === 'b.bin')
})

test('what the user selects goes before what the link asks for', TIMEOUT, async (t) => {
  const peer = await listen(t)
  const { output, done } = get(t, `magnet:?xt=urn:btih:${HASH}&so=1&x.pe=${peer.name}`, { select: [0] })
  await done
  assertFiles(TORRENT, output, (path) => path === 'a.bin')
})

test('a link that asks for files that there are not is a bad one', TIMEOUT, async (t) => {
  const peer = await listen(t)
  const { done } = get(t, `magnet:?xt=urn:btih:${HASH}&so=2&x.pe=${peer.name}`)
  await assert.rejects(done, (error) => error instanceof MetainfoError && error.code === 'BAD_MAGNET')
})

test('metadata is kept until the download is complete, and used by the next run', TIMEOUT, async (t) => {
  const output = scratchFolder(t)
  const script = { ...metadataScript(), requested() {} }
  const mute = await ScriptedPeer.listen(t, TORRENT, { script })
  const client = openClient(t)
  const torrent = await client.add(HASH, { output, peers: [mute.address] })
  await torrent.stop()
  assert.equal(parseMetainfo(readFileSync(keptFile(output))).infoHash.hex, HASH)
  const plainSeed = await ScriptedPeer.listen(t, TORRENT)
  await get(t, HASH, { output, peers: [plainSeed.address] }).done
  assertFiles(TORRENT, output)
  assert.ok(!existsSync(keptFile(output)))
})

test('kept metadata that is not what it was is fetched again', TIMEOUT, async (t) => {
  const output = scratchFolder(t)
  writeFileSync(keptFile(output), makeTorrent({ files: { x: 1 }, pieceLength: 16 * KIB }).bytes)
  const peer = await listen(t)
  await get(t, HASH, { output, peers: [peer.address] }).done
  assertFiles(TORRENT, output)
})

test('without anybody to ask the search ends at once, and without an answer in time', TIMEOUT, async (t) => {
  const isNoMetadata = (error: unknown) => error instanceof GaveUpError && error.code === 'NO_METADATA'
  await assert.rejects(get(t, HASH).done, isNoMetadata)
  const silent = await ScriptedPeer.listen(t, TORRENT, { script: metadataScript({ answer: keepSilent }) })
  const { done } = get(t, HASH, { peers: [silent.address], giveUpAfterMs: 1_000 })
  await assert.rejects(done, isNoMetadata)
})

test('metadata that is no torrent is a MetainfoError, though its hash is right', TIMEOUT, async (t) => {
  const infoBytes = encodeBencode({ name: 'x', 'piece length': 16_384, pieces: '', length: 5 })
  const bytes = createHash('sha1').update(infoBytes).digest()
  const infoHash = { hex: bytes.toString('hex'), bytes }
  const broken: MadeTorrent = { ...TORRENT, metainfo: { ...TORRENT.metainfo, infoHash, infoBytes } }
  const peer = await listen(t, broken)
  const { done } = get(t, infoHash.hex, { peers: [peer.address] })
  await assert.rejects(done, (error) => error instanceof MetainfoError && error.code === 'BAD_PIECES')
})

test('a signal, and the end of the client, end the search', TIMEOUT, async (t) => {
  const silent = await ScriptedPeer.listen(t, TORRENT, { script: metadataScript({ answer: keepSilent }) })
  const peers = [silent.address]
  const client = openClient(t)
  const stopping = new AbortController()
  const search = client.fetchMetadata(HASH, { peers, signal: stopping.signal })
  const reason = new Error('enough')
  stopping.abort(reason)
  await assert.rejects(search, reason)
  const other = client.fetchMetadata(HASH, { peers })
  const ended = assert.rejects(other, (error) => error instanceof OptionError && error.code === 'CLOSED')
  await client.close()
  await ended
})

test('progress is told while the metadata is looked for', TIMEOUT, async (t) => {
  const silent = await ScriptedPeer.listen(t, TORRENT, { script: metadataScript({ answer: keepSilent }) })
  const stopping = new AbortController()
  const search = openClient(t).fetchMetadata(`magnet:?xt=urn:btih:${HASH}&dn=set`, {
    peers: [silent.address],
    signal: stopping.signal,
    onMetadataProgress(progress) {
      if (progress.connectedPeers === 0) return
      assert.deepEqual(progress, {
        infoHash: HASH,
        name: 'set',
        receivedBytes: 0,
        connectedPeers: 1,
        knownPeers: 1,
        stall: 'waiting for peers to send',
      })
      stopping.abort(new Error('seen'))
    },
  })
  await assert.rejects(search, { message: 'seen' })
})

test('the same torrent is looked for once', TIMEOUT, async (t) => {
  const silent = await ScriptedPeer.listen(t, TORRENT, { script: metadataScript({ answer: keepSilent }) })
  const client = openClient(t)
  const searches = [1, 2].map(() => client.fetchMetadata(HASH, { peers: [silent.address] }))
  for (const search of searches) search.catch(() => {})
  const isDuplicate = (error: unknown) => error instanceof OptionError && error.code === 'DUPLICATE_TORRENT'
  await assert.rejects(Promise.race(searches), isDuplicate)
})
