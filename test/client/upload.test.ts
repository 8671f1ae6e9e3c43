import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { encodeExtended } from '../../src/wire/encode-messages.js'
import { type BlockRequest, MESSAGE_ID } from '../../src/wire/messages.js'
import { allBlocks, Leecher } from '../kit/leecher.js'
import { type MadeTorrent, makeSingle, makeTorrent } from '../kit/made-torrent.js'
import { fullBitfield } from '../kit/scripted-peer.js'
import { startSeed } from '../kit/seeding.js'

const KIB = 1024
const MIB = 1024 * KIB
const TIMEOUT = { timeout: 20_000 }

test('a peer hears the handshake, then all that we have, then our extensions', TIMEOUT, async (t) => {
  const made = makeSingle(700_000, 60_000)
  const { port } = await startSeed(t, made)
  const leecher = await Leecher.connect(t, made, port)
  leecher.greet()
  const handshake = await leecher.handshake()
  assert.equal(handshake[0], 19)
  assert.equal(handshake.toString('latin1', 1, 20), 'BitTorrent protocol')
  assert.equal(handshake[25]! & 0x10, 0x10, 'speaks the extension protocol (BEP 10)')
  assert.ok(handshake.subarray(28, 48).equals(made.metainfo.infoHash.bytes))
  const first = await leecher.next()
  assert.equal(first.id, MESSAGE_ID.bitfield)
  assert.ok(first.body.equals(fullBitfield(made).subarray(5)))
  const second = await leecher.next()
  assert.equal(second.id, MESSAGE_ID.extended)
  assert.equal(second.body[0], 0)
  assert.match(second.body.toString('latin1', 1), /^d.*4:reqqi2000e.*e$/s)
})

test('nobody is unchoked before it is interested, and who loses interest is choked', TIMEOUT, async (t) => {
  const made = makeSingle(100_000, 32 * KIB)
  const { port } = await startSeed(t, made)
  const leecher = await Leecher.join(t, made, port)
  await leecher.until(MESSAGE_ID.extended)
  // What is asked for while choked is never answered (BEP 3).
  leecher.request({ index: 0, begin: 0, length: 100 })
  leecher.interested()
  assert.equal((await leecher.next()).id, MESSAGE_ID.unchoke)
  await leecher.fetch([{ index: 1, begin: 5, length: 7 }])
  leecher.notInterested()
  assert.equal((await leecher.next()).id, MESSAGE_ID.choke)
  leecher.request({ index: 0, begin: 0, length: 100 })
  leecher.interested()
  assert.equal((await leecher.next()).id, MESSAGE_ID.unchoke)
  await leecher.fetch([{ index: 2, begin: 1, length: 2 }])
})

const LAYOUTS: Readonly<Record<string, () => MadeTorrent>> = {
  'a single byte': () => makeSingle(1, 16 * KIB),
  'pieces of 16 KiB': () => makeSingle(40 * 16 * KIB + 1, 16 * KIB),
  'pieces of 17,000 bytes': () => makeSingle(50 * 17_000 + 16_999, 17_000),
  'pieces of 1,000 bytes': () => makeSingle(33_333, 1_000),
  'pieces of 300 KiB and one byte': () => makeSingle(2_000_000, 300 * KIB + 1),
  'pieces of 1 MiB, the last block short': () => makeSingle(3 * MIB + 16 * KIB + 5, MIB),
  'pieces of 20 MiB': () => makeSingle(21 * MIB + 3, 20 * MIB),
  'many files with padding': () =>
    makeTorrent({
      folder: 'album',
      files: {
        a: 100_001,
        '.pad/31071': 31_071,
        'b/c': 5,
        'b/empty': 0,
        d: 200_000,
        '.pad/7': 62_139,
        e: 70_000,
      },
      pieceLength: 64 * KIB,
    }),
}

for (const [layout, make] of Object.entries(LAYOUTS)) {
  test(`with ${layout} every block arrives as it is on disk`, TIMEOUT, async (t) => {
    const made = make()
    const { port, torrent } = await startSeed(t, made)
    const leecher = await Leecher.unchoked(t, made, port)
    const requests = allBlocks(made)
    const reversed = [...requests].reverse()
    for (const order of [requests, reversed]) {
      for (let at = 0; at < order.length; at += 1_000) await leecher.fetch(order.slice(at, at + 1_000))
    }
    assert.equal(torrent.progress().uploadedBytes, 2 * made.content.length)
  })
}

test('whatever is asked for comes in the order asked, however it is cut', { timeout: 60_000 }, async (t) => {
  const made = makeTorrent({
    folder: 'f',
    files: { a: 300_000, '.pad/1': 27_680, b: 1_000_003 },
    pieceLength: 160 * KIB,
  })
  const { port } = await startSeed(t, made)
  const leecher = await Leecher.unchoked(t, made, port)
  const { geometry } = made.metainfo
  const request = fc
    .tuple(fc.nat(geometry.pieceCount - 1), fc.nat(), fc.integer({ min: 1, max: 128 * KIB }), fc.boolean())
    .map(([index, rawBegin, rawLength, isAligned]): BlockRequest => {
      const pieceBytes = geometry.pieceBytes(geometry.toPieceIndex(index)!)
      const at = rawBegin % pieceBytes
      const begin = isAligned ? at - (at % (16 * KIB)) : at
      const length = isAligned ? Math.ceil(rawLength / (16 * KIB)) * 16 * KIB : rawLength
      return { index, begin, length: Math.min(length, 128 * KIB, pieceBytes - begin) }
    })
  await fc.assert(
    fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 30 }), async (requests) => {
      await leecher.fetch([...requests, ...requests.slice(0, 3)])
    }),
    { numRuns: 50 },
  )
})

test('what is cancelled in time is not sent', TIMEOUT, async (t) => {
  const made = makeSingle(30 * MIB, MIB)
  const { port } = await startSeed(t, made)
  const leecher = await Leecher.unchoked(t, made, port)
  leecher.socket.pause()
  const requests = allBlocks(made)
  leecher.request(...requests)
  const cancelled = requests.slice(-200).filter((_, nth) => nth % 2 === 0)
  leecher.cancel(...cancelled, { index: 0, begin: 1, length: 77 })
  leecher.socket.resume()
  for (const request of requests) if (!cancelled.includes(request)) await leecher.expect(request)
  await leecher.fetch([{ index: 3, begin: 3, length: 3 }])
})

const NONSENSE: Readonly<Record<string, readonly BlockRequest[]>> = {
  'the piece after the last': [{ index: 16, begin: 0, length: 16_384 }],
  'piece 4,294,967,295': [{ index: 0xffffffff, begin: 0, length: 16_384 }],
  nothing: [{ index: 0, begin: 0, length: 0 }],
  'more than 128 KiB': [{ index: 0, begin: 0, length: 128 * KIB + 1 }],
  '4 GiB': [{ index: 0, begin: 0, length: 0xffffffff }],
  'bytes beyond the end of a piece': [{ index: 1, begin: 250 * KIB, length: 6 * KIB + 1 }],
  'bytes beyond the end of the torrent': [{ index: 15, begin: 249_000, length: 16_384 }],
  'bytes that begin at 4 GiB': [{ index: 1, begin: 0xffffffff, length: 1 }],
}

test('whoever asks for nonsense is dropped, and nobody else with it', TIMEOUT, async (t) => {
  const made = makeSingle(15 * 256 * KIB + 250_000, 256 * KIB)
  const { port, torrent } = await startSeed(t, made)
  const bystander = await Leecher.unchoked(t, made, port, { from: '127.0.0.2' })
  for (const [nth, [what, requests]] of Object.entries(NONSENSE).entries()) {
    for (const isChoked of [false, true]) {
      const from = `127.0.${isChoked ? 1 : 2}.${nth + 1}`
      const leecher = isChoked
        ? await Leecher.join(t, made, port, { from })
        : await Leecher.unchoked(t, made, port, { from })
      leecher.request(...requests)
      await leecher.closed
      await assert.rejects(leecher.block(), /has ended/, what)
    }
  }
  await bystander.fetch(allBlocks(made))
  assert.equal(torrent.progress().phase, 'seeding')
})

test('unknown and unasked messages do no harm to those who send them', TIMEOUT, async (t) => {
  const made = makeSingle(300_000, 32 * KIB)
  const { port } = await startSeed(t, made)
  const leecher = await Leecher.unchoked(t, made, port)
  leecher.send(
    Buffer.alloc(4),
    Buffer.of(0, 0, 0, 3, 9, 1, 2),
    Buffer.of(0, 0, 0, 1, 99),
    encodeExtended(7, Buffer.from('de')),
  )
  leecher.interested()
  leecher.cancel({ index: 0, begin: 0, length: 16_384 }, { index: 999_999, begin: 0, length: 0 })
  await leecher.fetch(allBlocks(made))
})

test('ten thousand requests at once are bounded', TIMEOUT, async (t) => {
  const made = makeSingle(4 * MIB, 256 * KIB)
  const { port } = await startSeed(t, made)
  const leecher = await Leecher.unchoked(t, made, port)
  leecher.socket.pause()
  const request = { index: 3, begin: 16 * KIB, length: 16 * KIB }
  leecher.request(...Array.from({ length: 10_000 }, () => request))
  await new Promise<void>((resolve) => leecher.socket.write(Buffer.alloc(0), () => resolve()))
  leecher.socket.resume()
  for (let count = 0; count < 2_000; count++) await leecher.expect(request)
  const last = { index: 0, begin: 1, length: 1 }
  leecher.request(last)
  let more = 0
  while ((await leecher.block()).bytes.length > 1) more++
  assert.ok(more < 1_500, `${2_000 + more} blocks were sent`)
})
