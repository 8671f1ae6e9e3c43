import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import { StorageError } from '../../src/core/errors.js'
import { BLOCK_BYTES } from '../../src/core/geometry.js'
import { fetchFrom } from '../kit/fetching.js'
import { blockOf, makeSingle, makeTorrent } from '../kit/made-torrent.js'
import { listenMany, type PeerScript, ScriptedPeer } from '../kit/scripted-peer.js'
import { eventually, notePhases, openClient } from '../kit/seeding.js'

const KIB = 1024
const MIB = 1024 * KIB
const TIMEOUT = { timeout: 15_000 }

/** Keeps what it is given, and takes its time with each piece. */
class Reader extends Writable {
  readonly parts: Buffer[] = []
  readonly #onPart: () => Promise<void>

  constructor(onPart: () => Promise<void> = async () => {}) {
    super({ highWaterMark: 1 })
    this.#onPart = onPart
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.parts.push(Buffer.from(bytes))
    this.#onPart().then(() => done(), done)
  }

  get bytes(): Buffer {
    return Buffer.concat(this.parts)
  }
}

test('a stream gets the bytes in order, whoever sends them', TIMEOUT, async (t) => {
  const torrent = makeSingle(5_000_000, 64 * KIB)
  const output = new Reader()
  const { result } = await fetchFrom(torrent, await listenMany(t, torrent, 5), { output })
  assert.ok(output.bytes.equals(torrent.content))
  assert.equal(output.writableEnded, false)
  assert.deepEqual(result.files, [])
})

test('a stream gets one file out of many', TIMEOUT, async (t) => {
  const torrent = makeTorrent({ folder: 'f', files: { a: 50_000, b: 123_457, c: 9 }, pieceLength: 16 * KIB })
  const output = new Reader()
  await fetchFrom(torrent, await listenMany(t, torrent, 2), { output, select: ['b'] })
  assert.ok(output.bytes.equals(torrent.content.subarray(50_000, 173_457)))
  await assert.rejects(fetchFrom(torrent, [], { output }), { code: 'BAD_OPTION' })
})

test('a corrupt piece is fetched again before anything after it goes out', TIMEOUT, async (t) => {
  const torrent = makeSingle(3_000_000, 64 * KIB)
  const liar: PeerScript = {
    requested(link, request) {
      const bytes = Uint8Array.from(blockOf(torrent, request))
      bytes[0]! ^= 1
      link.sendBlock(request, bytes)
    },
  }
  const bad = await ScriptedPeer.listen(t, torrent, { host: 2, script: liar })
  const good = await listenMany(t, torrent, 2)
  const output = new Reader()
  await fetchFrom(torrent, [bad, ...good], { output })
  assert.ok(output.bytes.equals(torrent.content))
})

test('a slow reader holds the download back, to what memory allows', TIMEOUT, async (t) => {
  const torrent = makeSingle(12 * MIB, 256 * KIB)
  const memoryBytes = 4 * MIB
  const [peer] = await listenMany(t, torrent, 1)
  let mostAhead = 0
  const output = new Reader(async () => {
    await new Promise((resolve) => setTimeout(resolve, 5))
    const takenBytes = (output.parts.length - 1) * 256 * KIB
    mostAhead = Math.max(mostAhead, peer!.requestedBytes - takenBytes)
  })
  await fetchFrom(torrent, [peer!], { output, memoryBytes })
  assert.ok(output.bytes.equals(torrent.content))
  assert.ok(mostAhead <= memoryBytes, `${mostAhead} bytes ahead of the reader`)
})

test('a reader that goes away ends the download with a storage error', TIMEOUT, async (t) => {
  const torrent = makeSingle(3_000_000, 64 * KIB)
  const output: Reader = new Reader(async () => void output.destroy())
  const fetching = fetchFrom(torrent, await listenMany(t, torrent, 2), { output })
  await assert.rejects(fetching, StorageError)
})

test('what goes down a stream cannot be seeded', TIMEOUT, async (t) => {
  const { bytes } = makeSingle(100_000, 64 * KIB)
  const adding = openClient(t).add(bytes, { output: new Reader(), seed: true })
  await assert.rejects(adding, { code: 'BAD_OPTION' })
})

test('pieces that memory cannot hold two of are refused', TIMEOUT, async () => {
  const torrent = makeSingle(9 * MIB, 4 * MIB)
  const fetching = fetchFrom(torrent, [], { output: new Reader(), memoryBytes: 4 * MIB })
  await assert.rejects(fetching, { code: 'MEMORY_TOO_SMALL' })
})

/** Has all but the first piece until it is told to go on. */
function withoutFirst(): { readonly script: PeerScript; readonly goOn: () => void } {
  let hasFirst = false
  const script: PeerScript = {
    requested: (link, request) => (request.index > 0 || hasFirst) && link.sendBlock(request),
  }
  return {
    script,
    goOn() {
      hasFirst = true
    },
  }
}

test(
  'a stop waits neither for a reader that is stuck nor for a piece that is missing',
  TIMEOUT,
  async (t) => {
    const torrent = makeSingle(2 * MIB, 64 * KIB)
    const stuck = new Reader(() => new Promise(() => {}))
    for (const [output, script] of [
      [stuck, {}],
      [new Reader(), withoutFirst().script],
    ] as const) {
      const peer = await ScriptedPeer.listen(t, torrent, { script })
      const client = openClient(t)
      const peers = [peer.address]
      const download = await client.add(torrent.bytes, { output, useTrackers: false, peers })
      await eventually(() => download.progress().downloadedBytes >= MIB)
      await client.close()
      await assert.rejects(download.done, { code: 'STOPPED' })
    }
  },
)

test('pieces that are held for one that nobody sends do not keep a download alive', TIMEOUT, async (t) => {
  const torrent = makeSingle(2 * MIB, 64 * KIB)
  const peer = await ScriptedPeer.listen(t, torrent, { script: withoutFirst().script })
  const fetching = fetchFrom(torrent, [peer], { output: new Reader(), giveUpAfterMs: 1_000 })
  await assert.rejects(fetching, { code: 'NO_PROGRESS' })
})

test('a pause while pieces are held, and a recheck, leave a stream in order', TIMEOUT, async (t) => {
  const torrent = makeSingle(2 * MIB, 64 * KIB)
  const { script, goOn } = withoutFirst()
  const peer = await ScriptedPeer.listen(t, torrent, { script })
  const client = openClient(t)
  const output = new Reader()
  const peers = [peer.address]
  const download = await client.add(torrent.bytes, { output, useTrackers: false, peers })
  await eventually(() => download.progress().downloadedBytes === torrent.content.length - 64 * KIB)
  const phases = notePhases(download)
  download.pause()
  goOn()
  download.resume()
  download.recheck()
  await download.done
  assert.deepEqual(phases, ['paused', 'downloading', 'complete'])
  assert.ok(output.bytes.equals(torrent.content))
  const othersCount = peer.requests.filter(({ index }) => index > 0).length
  assert.equal(othersCount, (2 * MIB - 64 * KIB) / BLOCK_BYTES)
})

test('two streams that hold what comes later leave memory for what comes first', TIMEOUT, async (t) => {
  const client = openClient(t, { memoryBytes: 4 * MIB })
  const downloads = []
  for (const name of ['first', 'second']) {
    const torrent = makeTorrent({ files: { [name]: 12 * MIB }, pieceLength: MIB })
    const script: PeerScript = {
      greeted(link) {
        link.greet()
        link.offer(Array.from({ length: 11 }, (_, nth) => nth + 1))
      },
    }
    const peer = await ScriptedPeer.listen(t, torrent, { script })
    const output = new Reader()
    const download = await client.add(torrent.bytes, { output, useTrackers: false, peers: [peer.address] })
    downloads.push({ torrent, peer, output, download })
    if (name === 'first') await eventually(() => download.progress().downloadedBytes >= 2 * MIB)
    else await eventually(() => download.progress().unchokedPeers === 1)
  }
  for (const { peer } of downloads) peer.links[0]!.offer([0])
  for (const { torrent, output, download } of downloads) {
    await download.done
    assert.ok(output.bytes.equals(torrent.content))
  }
})
