import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fetchTorrent } from '../../src/client/fetch-torrent.js'
import { MESSAGE_ID } from '../../src/wire/messages.js'
import { scratchFolder } from '../kit/fetching.js'
import { allBlocks, Leecher } from '../kit/leecher.js'
import { assertFiles, makeSingle, makeTorrent } from '../kit/made-torrent.js'
import { type PeerScript, ScriptedPeer } from '../kit/scripted-peer.js'
import { eventually, openClient, reached, startSeed } from '../kit/seeding.js'

const KIB = 1024
const MIB = 1024 * KIB
const TIMEOUT = { timeout: 20_000 }

test('peers that do not read cost little memory, and nobody else waits for them', TIMEOUT, async (t) => {
  const made = makeSingle(24 * MIB, MIB)
  const { port, torrent } = await startSeed(t, made)
  const before = process.memoryUsage().arrayBuffers
  const mute = await Promise.all(
    Array.from({ length: 40 }, async (_, nth) => {
      const leecher = await Leecher.unchoked(t, made, port)
      leecher.socket.pause()
      // Each begins somewhere else, and each wants all of it.
      const blocks = allBlocks(made)
      const first = (nth * 97) % blocks.length
      leecher.request(...blocks.slice(first), ...blocks.slice(0, first))
      return leecher
    }),
  )
  const reader = await Leecher.unchoked(t, made, port)
  for (let times = 0; times < 2; times++) await reader.fetch(allBlocks(made))
  const grownBytes = process.memoryUsage().arrayBuffers - before
  assert.ok(grownBytes < 160 * MIB, `${Math.round(grownBytes / MIB)} MiB more`)
  // What is on its way to them is in the system's buffers and one image each.
  const sentBytes = torrent.progress().uploadedBytes - 2 * made.content.length
  assert.ok(sentBytes < (mute.length * made.content.length) / 2, `${sentBytes} bytes sent`)
  // Whoever begins to read gets all that it asked for.
  const late = mute[7]!
  late.socket.resume()
  for (let count = 0; count < allBlocks(made).length; count++) await late.block()
})

test('a peer that vanishes in the middle of a block is no trouble to others', TIMEOUT, async (t) => {
  const made = makeSingle(8 * MIB, MIB)
  const { port, torrent } = await startSeed(t, made)
  const stayer = await Leecher.unchoked(t, made, port)
  for (const leave of ['end', 'destroy', 'resetAndDestroy'] as const) {
    const leecher = await Leecher.unchoked(t, made, port)
    leecher.socket.pause()
    leecher.request(...allBlocks(made))
    await eventually(() => leecher.socket.bytesRead > 0)
    leecher.socket[leave]()
    await stayer.fetch(allBlocks(made))
  }
  await eventually(() => torrent.progress().connectedPeers === 1)
  assert.equal(torrent.progress().phase, 'seeding')
})

test('a download tells of verified pieces and serves them at once', TIMEOUT, async (t) => {
  const made = makeSingle(10 * MIB, MIB)
  // The seed gives nothing but the first piece until it is told to.
  const withheld: (() => void)[] = []
  let isGenerous = false
  const sparing: PeerScript = {
    interested() {},
    requested(link, request) {
      if (isGenerous || request.index === 0) link.sendBlock(request)
      else withheld.push(() => link.sendBlock(request))
    },
  }
  const seed = await ScriptedPeer.listen(t, made, { script: sparing })
  const client = openClient(t)
  const output = scratchFolder(t)
  const torrent = await client.add(made.bytes, {
    output,
    useTrackers: false,
    peers: [seed.address],
    seed: true,
    sequential: true,
  })
  await reached(torrent, 'downloading')
  const leecher = await Leecher.unchoked(t, made, client.port)
  await eventually(() => torrent.progress().connectedPeers === 2)
  seed.links[0]!.unchoke()
  assert.equal((await leecher.until(MESSAGE_ID.have)).readUInt32BE(), 0)
  // What it does not have yet is not answered; the rest of the queue is.
  leecher.request({ index: 1, begin: 0, length: 16 * KIB })
  await leecher.fetch([{ index: 0, begin: 16 * KIB, length: 48 * KIB }])
  assert.equal(torrent.progress().verifiedPieces, 1)
  const joined = await Leecher.connect(t, made, client.port)
  joined.greet()
  await joined.handshake()
  assert.deepEqual([...(await joined.until(MESSAGE_ID.bitfield))], [0x80, 0])

  isGenerous = true
  for (const send of withheld) send()
  const told = new Set<number>()
  while (told.size < 9) told.add((await leecher.until(MESSAGE_ID.have)).readUInt32BE())
  assert.deepEqual([...told].sort(), [1, 2, 3, 4, 5, 6, 7, 8, 9])
  await torrent.done
  await leecher.fetch(allBlocks(made))
})

test('nobody is told of pieces that it has, nor of any twice', TIMEOUT, async (t) => {
  const made = makeSingle(30 * 64 * KIB, 64 * KIB)
  const seed = await ScriptedPeer.listen(t, made, { script: { interested() {} } })
  const client = openClient(t)
  const output = scratchFolder(t)
  const torrent = await client.add(made.bytes, {
    output,
    useTrackers: false,
    peers: [seed.address],
    seed: true,
  })
  await eventually(() => seed.links.length === 1)
  const leecher = await Leecher.join(t, made, client.port)
  // It has the first two of four bytes of pieces.
  leecher.send(Buffer.of(0, 0, 0, 5, 5, 0xff, 0xff, 0, 0))
  await leecher.until(MESSAGE_ID.interested)
  seed.links[0]!.unchoke()
  const told: number[] = []
  while (told.length < 14) told.push((await leecher.until(MESSAGE_ID.have)).readUInt32BE())
  await torrent.done
  assert.deepEqual(
    told.sort((a, b) => a - b),
    Array.from({ length: 14 }, (_, nth) => 16 + nth),
  )
})

test('pieces go from a seed through a download that is not complete to a third', TIMEOUT, async (t) => {
  const made = makeSingle(60 * 64 * KIB, 64 * KIB)
  const withheld: (() => void)[] = []
  const sparing: PeerScript = {
    requested(link, request) {
      if (request.index < 59) link.sendBlock(request)
      else withheld.push(() => link.sendBlock(request))
    },
  }
  const seed = await ScriptedPeer.listen(t, made, { script: sparing })
  const middle = openClient(t)
  const middleFolder = scratchFolder(t)
  const fromSeed = await middle.add(made.bytes, {
    output: middleFolder,
    useTrackers: false,
    peers: [seed.address],
    seed: true,
  })
  const last = openClient(t)
  const lastFolder = scratchFolder(t)
  await reached(fromSeed, 'downloading')
  const fromMiddle = await last.add(made.bytes, {
    output: lastFolder,
    useTrackers: false,
    // It would hear of the seed.
    usePex: false,
    peers: [{ host: '127.0.0.1', port: middle.port }],
  })
  await eventually(() => fromMiddle.progress().verifiedPieces === 59)
  assert.equal(fromSeed.progress().verifiedPieces, 59)
  for (const send of withheld) send()
  await Promise.all([fromSeed.done, fromMiddle.done])
  assertFiles(made, middleFolder)
  assertFiles(made, lastFolder)
  assert.equal(seed.requestedBytes, made.content.length)
})

test('two halves complete each other', TIMEOUT, async (t) => {
  const made = makeSingle(40 * 64 * KIB, 64 * KIB)
  const halves = await Promise.all(
    [0, 1].map(async (half) => {
      const seed = await ScriptedPeer.listen(t, made, {
        script: {
          greeted(link) {
            link.greet()
            link.offer(Array.from({ length: 20 }, (_, nth) => 2 * nth + half))
          },
        },
      })
      const client = openClient(t)
      const output = scratchFolder(t)
      const torrent = await client.add(made.bytes, {
        output,
        useTrackers: false,
        peers: [seed.address],
        seed: true,
        giveUpAfterMs: 15_000,
      })
      return { seed, client, torrent, output }
    }),
  )
  await eventually(() => halves.every(({ torrent }) => torrent.progress().verifiedPieces === 20))
  const third = scratchFolder(t)
  const bringTogether = fetchTorrent(made.bytes, {
    output: third,
    workers: 1,
    port: 0,
    useTrackers: false,
    dht: false,
    lsd: false,
    peers: halves.map(({ client }) => ({ host: '127.0.0.1', port: client.port })),
  })
  await bringTogether
  assertFiles(made, third)
})

test('twenty who come at once all get everything', { timeout: 30_000 }, async (t) => {
  const made = makeSingle(4 * MIB, 256 * KIB)
  const { port, torrent } = await startSeed(t, made)
  await Promise.all(
    Array.from({ length: 20 }, async () => {
      const leecher = await Leecher.unchoked(t, made, port)
      await leecher.fetch(allBlocks(made))
    }),
  )
  assert.equal(torrent.progress().uploadedBytes, 20 * made.content.length)
})

test('a hundred who each ask for blocks here and there get them in bounded memory', TIMEOUT, async (t) => {
  const made = makeSingle(32 * MIB, 64 * KIB)
  const { port, torrent } = await startSeed(t, made)
  const blocks = allBlocks(made)
  const before = process.memoryUsage().arrayBuffers
  const fetchSome = async (nth: number) => {
    const leecher = await Leecher.unchoked(t, made, port)
    await leecher.fetch(
      Array.from({ length: 40 }, (_, at) => blocks[(nth * 997 + at * 619) % blocks.length]!),
    )
  }
  await Promise.all(Array.from({ length: 100 }, (_, nth) => fetchSome(nth)))
  assert.equal(torrent.progress().uploadedBytes, 100 * 40 * 16 * KIB)
  const grownBytes = process.memoryUsage().arrayBuffers - before
  assert.ok(grownBytes < 120 * MIB, `${Math.round(grownBytes / MIB)} MiB more`)
})

test('of the edge of a selection nothing is offered that cannot be read again', TIMEOUT, async (t) => {
  // Pieces 1 and 3 hold bytes of files that are not selected.
  const made = makeTorrent({
    folder: 'f',
    files: { a: 50_000, b: 50_000, c: 100_000 },
    pieceLength: 32 * KIB,
  })
  const seed = await ScriptedPeer.listen(t, made, { script: { interested() {} } })
  const client = openClient(t)
  const output = scratchFolder(t)
  const torrent = await client.add(made.bytes, {
    output,
    select: ['b'],
    useTrackers: false,
    peers: [seed.address],
    seed: true,
  })
  await eventually(() => torrent.progress().connectedPeers === 1)
  const early = await Leecher.join(t, made, client.port)
  seed.links[0]!.unchoke()
  assert.equal((await early.until(MESSAGE_ID.have)).readUInt32BE(), 2)
  await torrent.done
  assert.equal(torrent.progress().verifiedPieces, 3)
  const late = await Leecher.join(t, made, client.port)
  assert.deepEqual([...(await late.until(MESSAGE_ID.bitfield))], [0x20])
  for (const leecher of [early, late]) {
    leecher.interested()
    let next = await leecher.next()
    while (next.id === MESSAGE_ID.extended) next = await leecher.next()
    assert.equal(next.id, MESSAGE_ID.unchoke, 'nothing else was offered')
    // Nobody has promised the others.
    leecher.request({ index: 1, begin: 0, length: 16 * KIB })
    await leecher.fetch([{ index: 2, begin: 0, length: 32 * KIB }])
  }
})
