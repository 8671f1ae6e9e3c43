import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { Client } from '../../src/client/client.js'
import type { ClientOptions } from '../../src/client/options.js'
import { OptionError, StoppedError } from '../../src/core/errors.js'
import { scratchFolder } from '../kit/fetching.js'
import { assertFiles, makeSingle, makeTorrent } from '../kit/made-torrent.js'
import { listenMany, type PeerScript, ScriptedPeer } from '../kit/scripted-peer.js'

const KIB = 1024
const MIB = 1024 * KIB
const TIMEOUT = { timeout: 15_000 }

function openClient(t: TestContext, options: ClientOptions = {}): Client {
  const client = new Client({ workers: 1, dht: false, lsd: false, ...options })
  t.after(() => client.close())
  return client
}

test('a small torrent gets its share while a big one holds all memory', TIMEOUT, async (t) => {
  const client = openClient(t, { memoryBytes: 4 * MIB })
  const big = makeSingle(40 * MIB, MIB)
  // Holds its last requests back until the small torrent is done, and so never lets go of all its memory.
  let isSmallDone = false
  const withheld: (() => void)[] = []
  const reluctant: PeerScript = {
    requested(link, request) {
      if (isSmallDone || link.requests.length % 64 !== 0) link.sendBlock(request)
      else withheld.push(() => link.sendBlock(request))
    },
  }
  const bigPeers = await listenMany(t, big, 4, reluctant)
  const bigFolder = scratchFolder(t)
  const first = await client.add(big.bytes, {
    output: bigFolder,
    peers: bigPeers.map(({ address }) => address),
  })
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => first.progress().verifiedPieces > 0 && resolve(clearInterval(timer)), 10)
  })

  const small = makeTorrent({ files: { 'small.bin': 2_000_000 }, pieceLength: 64 * KIB })
  const [smallPeer] = await listenMany(t, small, 1)
  const smallFolder = scratchFolder(t)
  const second = await client.add(small.bytes, { output: smallFolder, peers: [smallPeer!.address] })
  await second.done
  assertFiles(small, smallFolder)
  assert.equal(first.progress().phase, 'downloading')

  isSmallDone = true
  for (const send of withheld) send()
  await first.done
  assertFiles(big, bigFolder)
})

test('more torrents than the memory has room for all complete', TIMEOUT, async (t) => {
  const client = openClient(t, { memoryBytes: 4 * MIB })
  const added = await Promise.all(
    Array.from({ length: 12 }, async (_, nth) => {
      const torrent = makeTorrent({ files: { [`${nth}.bin`]: 3 * MIB + nth }, pieceLength: 256 * KIB })
      const output = scratchFolder(t)
      const peers = (await listenMany(t, torrent, 2)).map(({ address }) => address)
      const { done } = await client.add(torrent.bytes, { output, peers })
      return { torrent, output, done }
    }),
  )
  for (const { torrent, output, done } of added) {
    await done
    assertFiles(torrent, output)
  }
})

test(
  'the same torrent twice is refused while the first is under way, and welcome after it',
  TIMEOUT,
  async (t) => {
    const client = openClient(t)
    const torrent = makeSingle(500_000, 64 * KIB)
    const peer = await ScriptedPeer.listen(t, torrent)
    const options = { output: scratchFolder(t), peers: [peer.address] }
    const first = await client.add(torrent.bytes, options)
    await assert.rejects(
      client.add(torrent.bytes, options),
      (error) => error instanceof OptionError && error.code === 'DUPLICATE_TORRENT',
    )
    await first.done
    const again = await client.add(torrent.bytes, options)
    assert.equal((await again.done).downloadedBytes, 0)
  },
)

test('closing stops all that run, and nothing can be added afterwards', TIMEOUT, async (t) => {
  const client = openClient(t)
  const running = await Promise.all(
    Array.from({ length: 5 }, async (_, nth) => {
      const torrent = makeTorrent({ files: { [`${nth}.bin`]: 1_000_000 }, pieceLength: 64 * KIB })
      const script: PeerScript = {
        requested: (link, request) => request.index < 3 && link.sendBlock(request),
      }
      const peer = await ScriptedPeer.listen(t, torrent, { script })
      return await client.add(torrent.bytes, { output: scratchFolder(t), peers: [peer.address] })
    }),
  )
  await client.close()
  for (const { done } of running) await assert.rejects(done, StoppedError)
  await assert.rejects(client.add(makeSingle(1, 16_384).bytes, { output: scratchFolder(t) }), {
    code: 'CLOSED',
  })
})

test('a torrent that fails takes no other with it', TIMEOUT, async (t) => {
  const client = openClient(t)
  const lost = makeSingle(1_000_000, 64 * KIB)
  const failing = await client.add(lost.bytes, { output: scratchFolder(t) })
  const torrent = makeTorrent({ files: { 'other.bin': 1_000_000 }, pieceLength: 64 * KIB })
  const output = scratchFolder(t)
  const [peer] = await listenMany(t, torrent, 1)
  const { done } = await client.add(torrent.bytes, { output, peers: [peer!.address] })
  await assert.rejects(failing.done, { code: 'NO_PEERS' })
  await done
  assertFiles(torrent, output)
})

test('a rate limit of the client is shared by its torrents', TIMEOUT, async (t) => {
  const perSecond = 400_000
  const startedMs = performance.now()
  let askedBytes = 0
  let excess: string | undefined
  const counting: PeerScript = {
    requested(link, request) {
      askedBytes += request.length
      const allowed = perSecond / 4 + ((performance.now() - startedMs) / 1000) * perSecond
      if (askedBytes > allowed) excess ??= `${askedBytes} bytes where ${allowed} were allowed`
      link.sendBlock(request)
    },
  }
  const client = openClient(t, { maxDownloadBytesPerSecond: perSecond })
  const downloads = await Promise.all(
    ['one', 'two'].map(async (name) => {
      const torrent = makeTorrent({ files: { [name]: 250_000 }, pieceLength: 64 * KIB })
      const peer = await ScriptedPeer.listen(t, torrent, { script: counting })
      return await client.add(torrent.bytes, { output: scratchFolder(t), peers: [peer.address] })
    }),
  )
  await Promise.all(downloads.map(({ done }) => done))
  assert.equal(excess, undefined)
})

test('a defect in what is done for one torrent ends that torrent, and no other', TIMEOUT, async (t) => {
  const client = openClient(t)
  const torrents = await Promise.all(
    ['broken', 'sound'].map(async (name) => {
      const made = makeTorrent({ files: { [name]: MIB }, pieceLength: 64 * KIB })
      const script: PeerScript = name === 'broken' ? { requested: () => {} } : {}
      const [peer] = await listenMany(t, made, 1, script)
      return await client.add(made.bytes, { output: scratchFolder(t), peers: [peer!.address] })
    }),
  )
  const [broken, sound] = torrents
  const defect = new TypeError('a defect')
  broken!.pumpThrottled = () => {
    throw defect
  }
  broken!.tick = broken!.pumpThrottled
  await Promise.all([assert.rejects(broken!.done, defect), sound!.done])
})
