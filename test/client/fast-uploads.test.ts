import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { LIMITS } from '../../src/config.js'
import { ALLOWED_COUNT, allowedFastSet } from '../../src/swarm/allowed-fast.js'
import { encodeRejects } from '../../src/wire/encode-messages.js'
import { decodeExtensionHandshake, encodeExtensionHandshake } from '../../src/wire/extension-handshake.js'
import type { BlockRequest } from '../../src/wire/messages.js'
import { MESSAGE_ID } from '../../src/wire/messages.js'
import { scratchFolder } from '../kit/fetching.js'
import { allBlocks, Leecher } from '../kit/leecher.js'
import { makeSingle } from '../kit/made-torrent.js'
import { type PeerScript, ScriptedPeer } from '../kit/scripted-peer.js'
import { eventually, openClient, startSeed } from '../kit/seeding.js'

const KIB = 1024
const TIMEOUT = { timeout: 20_000 }
const FAST = { isFast: true }
/** As many as a download serves at once. */
const SLOTS = 16
const TORRENT = makeSingle(60 * 32 * KIB, 32 * KIB)
const LAST = 59

/** A download that has all pieces but the last, which comes when told. */
async function startDownload(t: TestContext) {
  const withheld: (() => void)[] = []
  const sparing: PeerScript = {
    requested(link, request) {
      if (request.index === LAST) withheld.push(() => link.sendBlock(request))
      else link.sendBlock(request)
    },
  }
  const seed = await ScriptedPeer.listen(t, TORRENT, { script: sparing })
  const client = openClient(t)
  const torrent = await client.add(TORRENT.bytes, {
    output: scratchFolder(t),
    useTrackers: false,
    seed: true,
    peers: [seed.address],
  })
  await eventually(() => torrent.progress().verifiedPieces === LAST)
  const complete = async () => {
    for (const send of withheld) send()
    await torrent.done
  }
  return { client, torrent, complete }
}

async function rejected(leecher: Leecher, requests: readonly BlockRequest[]): Promise<void> {
  for (const request of requests) {
    assert.deepEqual(await leecher.until(MESSAGE_ID.reject), encodeRejects([request]).subarray(5))
  }
}

test(
  'a newcomer that finds all places taken fetches a few pieces all the same, and no others',
  TIMEOUT,
  async (t) => {
    const { client } = await startDownload(t)
    for (let nth = 0; nth < SLOTS; nth++) await Leecher.unchoked(t, TORRENT, client.port)
    const newcomer = await Leecher.join(t, TORRENT, client.port, FAST)
    newcomer.interested()
    const { bytes: infoHash } = TORRENT.metainfo.infoHash
    const expected = allowedFastSet({ ip: Uint8Array.of(127, 0, 0, 1), infoHash, pieceCount: 60 })
    const allowed = new Set<number>()
    const offered = expected.filter((index) => index !== LAST)
    while (allowed.size < offered.length)
      allowed.add((await newcomer.until(MESSAGE_ID.allowedFast)).readUInt32BE())
    assert.deepEqual([...allowed], offered)
    assert.ok(expected.length === ALLOWED_COUNT)

    const requests = allBlocks(TORRENT).filter(({ index }) => allowed.has(index))
    await newcomer.fetch(requests)
    await newcomer.fetch(requests)
    newcomer.request(requests[0]!)
    await rejected(newcomer, [requests[0]!])
    const other = allBlocks(TORRENT).find(({ index }) => !allowed.has(index))!
    newcomer.request(other)
    await rejected(newcomer, [other])
  },
)

test('who does not speak the fast extension hears nothing of it', TIMEOUT, async (t) => {
  const { client } = await startDownload(t)
  for (let nth = 0; nth < SLOTS; nth++) await Leecher.unchoked(t, TORRENT, client.port)
  const newcomer = await Leecher.join(t, TORRENT, client.port)
  newcomer.interested()
  newcomer.request({ index: 0, begin: 0, length: 5 })
  newcomer.send(encodeExtensionHandshake({ program: 'p', reqq: 1, extensions: ['ut_metadata'] }))
  // Whatever was to be said has been said before an answer to this.
  newcomer.send(Buffer.of(0, 0, 0, 27, 20, 1), Buffer.from('d8:msg_typei0e5:piecei0ee'))
  const ids: number[] = []
  for (let heard = await newcomer.next(); ; heard = await newcomer.next()) {
    ids.push(heard.id)
    if (heard.id === MESSAGE_ID.extended && heard.body[0] === 1) break
  }
  assert.ok(
    ids.every((id) => id <= MESSAGE_ID.port || id === MESSAGE_ID.extended),
    ids.join(),
  )
})

test(
  'what is queued when a peer is choked, beyond its queue, or cancelled, is refused',
  TIMEOUT,
  async (t) => {
    const client = openClient(t, { maxUploadBytesPerSecond: 16 * KIB })
    const { port } = await startSeed(t, TORRENT, { client })
    const leecher = await Leecher.unchoked(t, TORRENT, port, FAST)
    const request = (begin: number): BlockRequest => ({ index: 1, begin, length: 16 * KIB })
    const queued = Array.from({ length: LIMITS.requestsQueuedByPeer }, (_, nth) =>
      request((nth % 2) * 16 * KIB),
    )
    const beyond = { index: 2, begin: 0, length: 16 * KIB }
    leecher.request(...queued, beyond)
    await rejected(leecher, [beyond])
    const cancelled = { index: 3, begin: 7, length: 9 }
    leecher.cancel(queued[1]!, cancelled)
    await rejected(leecher, [queued[1]!])
    leecher.notInterested()
    await leecher.until(MESSAGE_ID.choke)
    await leecher.until(MESSAGE_ID.reject)
  },
)

test(
  'peers are told when a download wants nothing any more, and of its last pieces before',
  TIMEOUT,
  async (t) => {
    const { client, complete } = await startDownload(t)
    const leecher = await Leecher.join(t, TORRENT, client.port, FAST)
    const isUploadOnly = (body: Buffer) => decodeExtensionHandshake(body.subarray(1)).isUploadOnly
    assert.equal(isUploadOnly(await leecher.until(MESSAGE_ID.extended)), undefined)
    await complete()
    const told: number[] = []
    let message = await leecher.next()
    for (; message.id === MESSAGE_ID.have; message = await leecher.next())
      told.push(message.body.readUInt32BE())
    assert.ok(told.includes(LAST), told.join())
    assert.equal(message.id, MESSAGE_ID.extended)
    assert.equal(isUploadOnly(message.body), true)
  },
)

test(
  'a peer that came and went is looked for where it said that it listens, and not before',
  TIMEOUT,
  async (t) => {
    const { client, torrent } = await startDownload(t)
    const listening = await ScriptedPeer.listen(t, TORRENT)
    const leecher = await Leecher.join(t, TORRENT, client.port)
    const { port } = listening.address
    const knownPeers = torrent.progress().knownPeers
    leecher.send(encodeExtensionHandshake({ program: 'p', reqq: 1, port }))
    leecher.send(encodeExtensionHandshake({ program: 'p', reqq: 1, port: port + 1 }))
    await eventually(() => torrent.progress().knownPeers > knownPeers)
    assert.equal(torrent.progress().knownPeers, knownPeers + 1)
    assert.equal(listening.links.length, 0)
    leecher.socket.destroy()
    await torrent.done
    assert.ok(listening.requests.length > 0)
  },
)
