import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { encodeBencode } from '../../src/core/bencode/encode-bencode.js'
import { addressKey } from '../../src/core/peer-address.js'
import { encodeExtended } from '../../src/wire/encode-messages.js'
import { decodeExtensionHandshake, encodeExtensionHandshake } from '../../src/wire/extension-handshake.js'
import { EXTENSION_IDS } from '../../src/wire/extension-ids.js'
import { MESSAGE_ID } from '../../src/wire/messages.js'
import { decodePex, encodePex } from '../../src/wire/pex-messages.js'
import { fetchFrom, scratchFolder } from '../kit/fetching.js'
import { Leecher } from '../kit/leecher.js'
import { assertFiles, type MadeTorrent, makeSingle, makeTorrent } from '../kit/made-torrent.js'
import { metadataScript, SCRIPTED_ID } from '../kit/metadata-script.js'
import { type PeerLink, ScriptedPeer } from '../kit/scripted-peer.js'
import { openClient, startSeed } from '../kit/seeding.js'

const KIB = 1024
const TIMEOUT = { timeout: 20_000 }
const TORRENT = makeSingle(20 * 32 * KIB, 32 * KIB)
const PRIVATE = makeTorrent({ files: { 'secret.bin': 100_000 }, pieceLength: 32 * KIB, isPrivate: true })
const HANDSHAKE = encodeExtensionHandshake({ program: 'p', reqq: 250, extensions: ['ut_pex'] })

/** A peer that has nothing itself, and names another. */
function listenNaming(t: TestContext, torrent: MadeTorrent, named: ScriptedPeer): Promise<ScriptedPeer> {
  const greeted = (link: PeerLink) => {
    link.greet()
    link.send(HANDSHAKE)
    const added = [{ ...named.address, isSeed: true, isReachable: true }]
    link.send(encodePex(EXTENSION_IDS.ut_pex, { added, dropped: [] }))
  }
  return ScriptedPeer.listen(t, torrent, { script: { greeted } })
}

test('a peer that has nothing names one that has everything', TIMEOUT, async (t) => {
  const good = await ScriptedPeer.listen(t, TORRENT, { host: 3 })
  const output = scratchFolder(t)
  await fetchFrom(TORRENT, [await listenNaming(t, TORRENT, good)], { output })
  assertFiles(TORRENT, output)
})

test('the metadata of a magnet link comes from a peer that another has named', TIMEOUT, async (t) => {
  const good = await ScriptedPeer.listen(t, TORRENT, { host: 3, script: metadataScript() })
  const naming = await ScriptedPeer.listen(t, TORRENT, {
    script: {
      greeted(link) {
        link.greet()
        const offer = { m: { ut_metadata: SCRIPTED_ID, ut_pex: 9 }, metadata_size: 100_000 }
        link.send(encodeExtended(0, encodeBencode(offer)))
        const added = [{ ...good.address, isSeed: true, isReachable: true }]
        link.send(encodePex(EXTENSION_IDS.ut_pex, { added, dropped: [] }))
      },
    },
  })
  const { infoHash } = TORRENT.metainfo
  const { metainfo } = await openClient(t).fetchMetadata(infoHash.hex, { peers: [naming.address] })
  assert.equal(metainfo.infoHash.hex, infoHash.hex)
})

for (const [why, torrent, options] of [
  ['of a private torrent', PRIVATE, {}],
  ['when that is not wanted', TORRENT, { usePex: false }],
] as const) {
  test(`nobody is heard of from peers ${why}`, TIMEOUT, async (t) => {
    const named = await ScriptedPeer.listen(t, torrent, { host: 3 })
    const naming = await listenNaming(t, torrent, named)
    const output = scratchFolder(t)
    await assert.rejects(fetchFrom(torrent, [naming], { output, giveUpAfterMs: 1_000, ...options }), {
      code: 'NO_PROGRESS',
    })
    assert.equal(named.links.length, 0)
  })
}

test('a peer is told of the others by the port where they listen', TIMEOUT, async (t) => {
  const { port } = await startSeed(t, TORRENT)
  const first = await Leecher.join(t, TORRENT, port)
  first.send(encodeExtensionHandshake({ program: 'p', reqq: 250, port: 4_711 }))
  const second = await Leecher.join(t, TORRENT, port)
  second.send(HANDSHAKE)
  const third = await Leecher.join(t, TORRENT, port)
  third.send(HANDSHAKE)
  for (const leecher of [second, third]) {
    await leecher.until(MESSAGE_ID.extended)
    const message = await leecher.until(MESSAGE_ID.extended)
    assert.equal(message[0], EXTENSION_IDS.ut_pex)
    assert.deepEqual(decodePex(message.subarray(1), 50).map(addressKey), ['127.0.0.1:4711'])
  }
})

test('a private torrent does not say that it exchanges peers', TIMEOUT, async (t) => {
  for (const [torrent, speaks] of [
    [PRIVATE, false],
    [TORRENT, true],
  ] as const) {
    const { port } = await startSeed(t, torrent)
    const leecher = await Leecher.join(t, torrent, port)
    const message = await leecher.until(MESSAGE_ID.extended)
    assert.equal(decodeExtensionHandshake(message.subarray(1)).ids.has('ut_pex'), speaks)
  }
})

test('a peer that names others without end is listened to now and then', TIMEOUT, async (t) => {
  const good = await ScriptedPeer.listen(t, TORRENT)
  let count = 0
  const flooding = await ScriptedPeer.listen(t, TORRENT, {
    script: {
      greeted(link) {
        link.greet()
        link.send(HANDSHAKE)
        for (let message = 0; message < 1_000; message++) {
          const added = Array.from({ length: 50 }, () => ({
            host: `127.9.${count >> 8}.${count++ & 0xff}`,
            port: 20_000,
            isSeed: true,
            isReachable: true,
          }))
          link.send(encodePex(EXTENSION_IDS.ut_pex, { added, dropped: [] }))
        }
      },
    },
  })
  const knownCounts: number[] = []
  const output = scratchFolder(t)
  await fetchFrom(TORRENT, [flooding, good], {
    output,
    maxDownloadBytesPerSecond: 1024 * KIB,
    progressIntervalMs: 20,
    onProgress: ({ knownPeers }) => void knownCounts.push(knownPeers),
  })
  assertFiles(TORRENT, output)
  // The one that floods us is known itself until it is banned.
  const most = Math.max(...knownCounts)
  assert.ok(most === 1 + 150 || most === 2 + 150, `${most}`)
})
