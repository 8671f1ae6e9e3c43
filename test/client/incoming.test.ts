import assert from 'node:assert/strict'
import { test } from 'node:test'
import { INTERESTED } from '../../src/wire/encode-messages.js'
import { encodeExtensionHandshake } from '../../src/wire/extension-handshake.js'
import { MESSAGE_ID } from '../../src/wire/messages.js'
import { scratchFolder } from '../kit/fetching.js'
import { allBlocks, Leecher, peerIdOf } from '../kit/leecher.js'
import { assertFiles, makeSingle, makeTorrent } from '../kit/made-torrent.js'
import { ScriptedPeer } from '../kit/scripted-peer.js'
import { eventually, openClient, startSeed } from '../kit/seeding.js'

const KIB = 1024
const TIMEOUT = { timeout: 20_000 }

for (const host of ['127.0.0.1', '::1']) {
  test(`a peer that connects over ${host} is served`, TIMEOUT, async (t) => {
    const made = makeSingle(300_000, 32 * KIB)
    const { port } = await startSeed(t, made)
    const leecher = await Leecher.unchoked(t, made, port, { host })
    await leecher.fetch(allBlocks(made))
  })
}

test('peers find the torrent that they ask for among several, and nothing else', TIMEOUT, async (t) => {
  const client = openClient(t)
  const torrents = ['a', 'b', 'c'].map((name) =>
    makeTorrent({ files: { [name]: 100_000 }, pieceLength: 32_768 }),
  )
  for (const made of torrents) await startSeed(t, made, { client })
  for (const made of torrents) {
    const leecher = await Leecher.unchoked(t, made, client.port)
    await leecher.fetch(allBlocks(made))
  }
  const stranger = await Leecher.connect(t, torrents[0]!, client.port)
  stranger.greet(new Uint8Array(20).fill(7))
  await stranger.closed
})

test('what follows the handshake in one breath is heard', TIMEOUT, async (t) => {
  const made = makeSingle(100_000, 32 * KIB)
  const { port } = await startSeed(t, made)
  const leecher = await Leecher.connect(t, made, port)
  leecher.greet()
  leecher.interested()
  await leecher.handshake()
  await leecher.until(MESSAGE_ID.unchoke)
  await leecher.fetch(allBlocks(made))
})

test('a seed that connects to a download is downloaded from', TIMEOUT, async (t) => {
  const made = makeSingle(1_000_000, 64 * KIB)
  const seed = await startSeed(t, made)
  const client = openClient(t)
  const output = scratchFolder(t)
  const absent = await client.add(made.bytes, {
    output,
    useTrackers: false,
    giveUpAfterMs: 10_000,
    peers: [
      // Nobody is there: the download knows only those who come.
      { host: '127.0.0.1', port: 1 },
    ],
  })
  const again = await startSeed(t, made, {
    client: openClient(t),
    folder: seed.folder,
    peers: [{ host: '127.0.0.1', port: client.port }],
  })
  await absent.done
  assertFiles(made, output)
  assert.ok(again.torrent.progress().uploadedBytes >= made.content.length)
})

test('no more peers are taken in than there may be', TIMEOUT, async (t) => {
  const made = makeSingle(100_000, 32 * KIB)
  const { port, torrent } = await startSeed(t, made, { maxPeers: 20 })
  const leechers = await Promise.all(Array.from({ length: 300 }, () => Leecher.connect(t, made, port)))
  for (const leecher of leechers) leecher.greet()
  const answers = await Promise.allSettled(leechers.map((leecher) => leecher.handshake()))
  const admitted = leechers.filter((_, nth) => answers[nth]!.status === 'fulfilled')
  assert.equal(admitted.length, 20)
  assert.equal(torrent.progress().connectedPeers, 20)
  admitted[0]!.socket.destroy()
  await eventually(() => torrent.progress().connectedPeers === 19)
  const next = await Leecher.unchoked(t, made, port)
  await next.fetch(allBlocks(made))
})

test('who wants nothing makes room for a newcomer when all places are taken', TIMEOUT, async (t) => {
  const made = makeSingle(100_000, 32 * KIB)
  const { port } = await startSeed(t, made, { maxPeers: 2 })
  const idle = await Promise.all([1, 2].map(() => Leecher.join(t, made, port)))
  const sated = encodeExtensionHandshake({ program: 'sated', reqq: 1, isUploadOnly: true })
  idle[0]!.send(sated, INTERESTED)
  await idle[0]!.until(MESSAGE_ID.unchoke)
  const newcomer = await Leecher.unchoked(t, made, port)
  await newcomer.fetch(allBlocks(made))
  await idle[0]!.closed
  const another = await Leecher.connect(t, made, port)
  another.greet()
  await another.closed
  assert.equal(idle[1]!.socket.destroyed, false)
})

test('a peer that bears our own id is ourselves, and sent away', TIMEOUT, async (t) => {
  const made = makeSingle(100_000, 32 * KIB)
  const { port } = await startSeed(t, made)
  const first = await Leecher.connect(t, made, port)
  first.greet()
  const ours = (await first.handshake()).subarray(48)
  for (let times = 0; times < 5; times++) {
    const self = await Leecher.connect(t, made, port, { peerId: ours })
    self.greet()
    await self.closed
  }
  // Those who share an address with us are not to suffer for it.
  const other = await Leecher.unchoked(t, made, port)
  await other.fetch(allBlocks(made))
})

test('a second connection of the same peer is closed, and the first goes on', TIMEOUT, async (t) => {
  const made = makeSingle(100_000, 32 * KIB)
  const { port, torrent } = await startSeed(t, made)
  const first = await Leecher.unchoked(t, made, port, { peerId: peerIdOf('-XX0001-twin') })
  const second = await Leecher.connect(t, made, port, { peerId: peerIdOf('-XX0001-twin') })
  second.greet()
  await second.closed
  await first.fetch(allBlocks(made))
  assert.equal(torrent.progress().connectedPeers, 1)
})

// Both ends must keep the same one, whichever they hear of first: that which the smaller id has dialled.
for (const [whose, name] of Object.entries({ ours: '~~larger', theirs: '!!smaller' })) {
  for (const first of ['ours', 'theirs']) {
    const where = first === whose ? 'came first' : 'came second'
    test(
      `of two connections that cross, ${whose} stays when its dialler has the smaller id and it ${where}`,
      TIMEOUT,
      async (t) => {
        const made = makeSingle(100_000, 32 * KIB)
        const client = openClient(t)
        const peer = await ScriptedPeer.listen(t, made, { peerId: name, script: { greeted() {} } })
        const { torrent } = await startSeed(t, made, { client, peers: [peer.address] })
        await eventually(() => peer.links.length === 1)
        const ours = peer.links[0]!
        const theirs = await Leecher.connect(t, made, client.port, { peerId: peerIdOf(name) })
        const greetings = [() => ours.greet(), () => theirs.greet()]
        if (first === 'theirs') greetings.reverse()
        greetings[0]!()
        await eventually(() => torrent.progress().connectedPeers === 1)
        greetings[1]!()
        await eventually(() => ours.socket.destroyed || theirs.socket.destroyed)
        assert.deepEqual(
          { ours: !ours.socket.destroyed, theirs: !theirs.socket.destroyed },
          { ours: whose === 'ours', theirs: whose === 'theirs' },
        )
      },
    )
  }
}

test('a host that was banned three times is not let in again; others are', TIMEOUT, async (t) => {
  const made = makeSingle(100_000, 32 * KIB)
  const { port, torrent } = await startSeed(t, made)
  const bans: string[] = []
  torrent.onNotice((notice) => notice.type === 'peerBanned' && bans.push(notice.code))
  for (let times = 0; times < 3; times++) {
    const rude = await Leecher.join(t, made, port, { from: '127.0.0.66' })
    rude.request({ index: 99, begin: 0, length: 1 })
    await rude.closed
  }
  assert.deepEqual(bans, ['UNKNOWN_PIECE', 'UNKNOWN_PIECE', 'UNKNOWN_PIECE'])
  const again = await Leecher.connect(t, made, port, { from: '127.0.0.66' })
  again.greet()
  await assert.rejects(again.handshake())
  const other = await Leecher.unchoked(t, made, port, { from: '127.0.0.67' })
  await other.fetch(allBlocks(made))
})

test('a seed lets go of peers that have everything too', TIMEOUT, async (t) => {
  const made = makeSingle(100_000, 32 * KIB)
  const { port, torrent } = await startSeed(t, made)
  const whole = await Leecher.join(t, made, port)
  whole.send(Buffer.of(0, 0, 0, 2, 5, 0xf0))
  await whole.closed
  const piecewise = await Leecher.join(t, made, port)
  for (let index = 0; index < 4; index++) piecewise.send(Buffer.of(0, 0, 0, 5, 4, 0, 0, 0, index))
  await piecewise.closed
  await eventually(() => torrent.progress().connectedPeers === 0)
})
