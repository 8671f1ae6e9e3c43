import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ipBytes } from '../../src/core/ip-bytes.js'
import {
  encodeAllowedFast,
  encodeExtended,
  encodeHaves,
  encodeRejects,
  HAVE_ALL,
  HAVE_NONE,
} from '../../src/wire/encode-messages.js'
import { decodeExtensionHandshake, encodeExtensionHandshake } from '../../src/wire/extension-handshake.js'
import { EXTENSION_IDS } from '../../src/wire/extension-ids.js'
import { type BlockRequest, MESSAGE_ID } from '../../src/wire/messages.js'
import { bansOf, fetchFrom, scratchFolder } from '../kit/fetching.js'
import { Leecher } from '../kit/leecher.js'
import { assertFiles, makeSingle } from '../kit/made-torrent.js'
import { listenMany, type PeerLink, type PeerScript, ScriptedPeer } from '../kit/scripted-peer.js'
import { startSeed } from '../kit/seeding.js'

const KIB = 1024
const TIMEOUT = { timeout: 20_000 }
const TORRENT = makeSingle(40 * 32 * KIB, 32 * KIB)

const fast = (script: PeerScript): { script: PeerScript } => ({ script: { isFast: true, ...script } })
/** Answers so late. */
const after = (ms: number) => (link: PeerLink, request: BlockRequest) => {
  setTimeout(() => link.sendBlock(request), ms)
}
const haveAll = (link: PeerLink) => {
  link.greet()
  link.send(HAVE_ALL)
}

test('a seed that says so in one byte is as good as one that sends a bitfield', TIMEOUT, async (t) => {
  const peer = await ScriptedPeer.listen(t, TORRENT, fast({ greeted: haveAll }))
  const output = scratchFolder(t)
  await fetchFrom(TORRENT, [peer], { output })
  assertFiles(TORRENT, output)
})

test('what one peer refuses is fetched from another', TIMEOUT, async (t) => {
  const refusing = await ScriptedPeer.listen(
    t,
    TORRENT,
    fast({ greeted: haveAll, requested: (link, request) => link.send(encodeRejects([request])) }),
  )
  const good = await ScriptedPeer.listen(t, TORRENT)
  const output = scratchFolder(t)
  const { result } = await fetchFrom(TORRENT, [refusing, good], { output })
  assertFiles(TORRENT, output)
  assert.equal(result.downloadedBytes, result.totalBytes, 'nothing came twice')
})

test('peers that refuse everything are asked now and then, and not without end', TIMEOUT, async (t) => {
  const torrent = makeSingle(400 * 16 * KIB, 16 * KIB)
  const refusing: PeerScript = {
    isFast: true,
    greeted: haveAll,
    requested: (link, request) => link.send(encodeRejects([request])),
  }
  const peers = await listenMany(t, torrent, 5, refusing)
  const fetching = fetchFrom(torrent, peers, { output: scratchFolder(t), giveUpAfterMs: 2_000 })
  await assert.rejects(fetching, { code: 'NO_PROGRESS' })
  for (const { requests } of peers) assert.ok(requests.length < 200, `${requests.length} requests`)
})

test('a hundred peers that refuse everything do not keep us from one that does not', TIMEOUT, async (t) => {
  const refusing: PeerScript = {
    isFast: true,
    greeted: haveAll,
    requested(link, request) {
      link.send(encodeRejects([request]))
      // What is forgotten with a choke is asked again.
      link.choke()
      link.unchoke()
    },
  }
  const peers = await listenMany(t, TORRENT, 100, refusing)
  const good = await ScriptedPeer.listen(t, TORRENT, { script: { requested: after(20) } })
  const output = scratchFolder(t)
  await fetchFrom(TORRENT, [...peers, good], { output })
  assertFiles(TORRENT, output)
})

test('a peer that chokes us for ever gives what it allows all the same', TIMEOUT, async (t) => {
  const all = Array.from({ length: 40 }, (_, index) => index)
  const peer = await ScriptedPeer.listen(
    t,
    TORRENT,
    fast({
      greeted(link) {
        haveAll(link)
        link.send(encodeAllowedFast(all))
      },
      interested() {},
    }),
  )
  const output = scratchFolder(t)
  await fetchFrom(TORRENT, [peer], { output })
  assertFiles(TORRENT, output)
})

test('a peer that has nothing yet and gets its pieces later is asked for them then', TIMEOUT, async (t) => {
  const peer = await ScriptedPeer.listen(
    t,
    TORRENT,
    fast({
      greeted(link) {
        link.greet()
        link.send(HAVE_NONE)
        for (let index = 0; index < 40; index++) link.send(encodeHaves([index]))
      },
    }),
  )
  const output = scratchFolder(t)
  await fetchFrom(TORRENT, [peer], { output })
  assertFiles(TORRENT, output)
})

const FAULTS: Readonly<Record<string, PeerScript>> = {
  'have all without the fast extension': { greeted: haveAll },
  'pieces and then none': {
    isFast: true,
    greeted(link) {
      haveAll(link)
      link.send(HAVE_NONE)
    },
  },
}

for (const [fault, script] of Object.entries(FAULTS)) {
  test(`a peer that says ${fault} is not talked to any more`, TIMEOUT, async (t) => {
    const [bad, good] = await Promise.all([
      ScriptedPeer.listen(t, TORRENT, { script }),
      ScriptedPeer.listen(t, TORRENT),
    ])
    const output = scratchFolder(t)
    const { notices } = await fetchFrom(TORRENT, [bad, good], { output })
    assertFiles(TORRENT, output)
    assert.deepEqual(bansOf(notices, bad), ['BAD_MESSAGE'])
  })
}

test('a piece that a peer has lost is not asked of it', TIMEOUT, async (t) => {
  const lost = Buffer.alloc(4)
  lost.writeUInt32BE(7)
  const loser = await ScriptedPeer.listen(
    t,
    TORRENT,
    fast({
      greeted(link) {
        haveAll(link)
        link.send(encodeExtended(EXTENSION_IDS.lt_donthave, lost))
      },
    }),
  )
  const good = await ScriptedPeer.listen(t, TORRENT)
  const output = scratchFolder(t)
  await fetchFrom(TORRENT, [loser, good], { output })
  assertFiles(TORRENT, output)
  assert.ok(loser.requests.every(({ index }) => index !== 7))
})

for (const host of ['127.0.0.1', '::1']) {
  test(
    `a seed tells a peer at ${host} that it has everything, where that is, and where it listens`,
    TIMEOUT,
    async (t) => {
      const { port } = await startSeed(t, TORRENT)
      const leecher = await Leecher.join(t, TORRENT, port, { isFast: true, host })
      assert.equal((await leecher.next()).id, MESSAGE_ID.haveAll)
      const told = decodeExtensionHandshake((await leecher.next()).body.subarray(1))
      assert.deepEqual(told.yourIp, Buffer.from(ipBytes(host)!))
      assert.equal(told.port, port)
      assert.equal(told.isUploadOnly, true)
    },
  )
}

test('what is asked for while choked, or cancelled, is refused', TIMEOUT, async (t) => {
  const { port } = await startSeed(t, TORRENT)
  const leecher = await Leecher.join(t, TORRENT, port, { isFast: true })
  const request = { index: 3, begin: 16, length: 100 }
  leecher.request(request)
  assert.deepEqual(await leecher.until(MESSAGE_ID.reject), encodeRejects([request]).subarray(5))
  leecher.interested()
  await leecher.until(MESSAGE_ID.unchoke)
  await leecher.fetch([request])
})

test('a peer that says which ids it takes may say it again', TIMEOUT, async (t) => {
  const { port } = await startSeed(t, TORRENT)
  const leecher = await Leecher.unchoked(t, TORRENT, port, { isFast: true })
  for (const reqq of [1, 5]) leecher.send(encodeExtensionHandshake({ program: 'p', reqq, port: 1 }))
  await leecher.fetch([{ index: 1, begin: 0, length: 5 }])
})
