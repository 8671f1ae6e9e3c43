/** Peers that lie about the metadata, refuse it, keep it or flood us: an honest one beside them is enough. */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { Client } from '../../src/client/client.js'
import { encodeBencode } from '../../src/core/bencode/encode-bencode.js'
import { EXTENSION_IDS } from '../../src/wire/extension-ids.js'
import { encodeMetadataData, encodeMetadataRequest } from '../../src/wire/metadata-messages.js'
import { Inbox } from '../kit/inbox.js'
import { Leecher } from '../kit/leecher.js'
import { serveHttp } from '../kit/local-server.js'
import { makeSingle } from '../kit/made-torrent.js'
import {
  giveLies,
  giveMetadata,
  keepSilent,
  type MetadataManner,
  metadataScript,
  refuseMetadata,
} from '../kit/metadata-script.js'
import { compactPeer } from '../kit/scripted-node.js'
import { listenMany, type PeerLink, type PeerScript } from '../kit/scripted-peer.js'

const TIMEOUT = { timeout: 30_000 }
/** Of 5 pieces of metadata. */
const TORRENT = makeSingle(4_000 * 16_384, 16_384)
const HASH = TORRENT.metainfo.infoHash.hex

/** The bad ones are dialled first. */
async function findDespite(t: TestContext, script: PeerScript, badCount = 1, honestCount = 1) {
  const bad = await listenMany(t, TORRENT, badCount, script)
  const honest = await listenMany(t, TORRENT, honestCount, metadataScript())
  const client = new Client({ port: 0, workers: 1, dht: false, lsd: false })
  t.after(() => client.close())
  const peers = [...bad, ...honest].map(({ address }) => address)
  const found = await client.fetchMetadata(HASH, { peers })
  assert.equal(found.metainfo.infoHash.hex, HASH)
  return { bad, found }
}

const manners: Readonly<Record<string, MetadataManner>> = {
  'claims ten times the length': { claims: 10 * TORRENT.metainfo.infoBytes.length },
  'claims a length of one byte': { claims: 1 },
  'claims a terabyte': { claims: 2 ** 40 },
  'offers nothing': { claims: null },
  'sends wrong pieces': { answer: giveLies },
  'refuses every piece': { answer: refuseMetadata },
  'never answers': { answer: keepSilent },
  'sends half a piece': {
    answer: (link, piece) =>
      link.send(encodeMetadataData(EXTENSION_IDS.ut_metadata, new Uint8Array(piece * 16_384 + 100), piece)),
  },
  'sends every piece a hundred times': {
    answer: (link, piece) => {
      for (let count = 0; count < 100; count++) giveMetadata(link, piece)
    },
  },
  'floods us with requests': {
    answer: (link) => {
      for (let count = 0; count < 10_000; count++)
        link.send(encodeMetadataRequest(EXTENSION_IDS.ut_metadata, count))
    },
  },
  'vanishes when it is asked': { answer: (link) => link.vanish() },
}

for (const [what, manner] of Object.entries(manners)) {
  test(`a peer that ${what} keeps nobody from the metadata`, TIMEOUT, async (t) => {
    await findDespite(t, metadataScript(manner))
  })
}

test('a crowd of liars keeps nobody from the metadata, and none of them is passed on', TIMEOUT, async (t) => {
  const { bad, found } = await findDespite(t, metadataScript({ answer: giveLies }), 6, 2)
  assert.ok(found.peers.length >= 2)
  assert.ok(found.peers.length < bad.length + 2)
})

test('a peer that sends pieces which nobody asked for is left', TIMEOUT, async (t) => {
  const unasked: PeerScript = {
    ...metadataScript({ answer: (link) => giveMetadata(link, 99) }),
  }
  const { found, bad } = await findDespite(t, unasked)
  assert.ok(!found.peers.some(({ port }) => port === bad[0]!.address.port))
})

test(
  'a peer that speaks another torrent, or no extensions, keeps nobody from the metadata',
  TIMEOUT,
  async (t) => {
    await findDespite(t, { greeted: (link) => link.greet(new Uint8Array(20)) })
    await findDespite(t, {
      greeted: (link) => {
        const plain = Buffer.concat([
          Buffer.from('\x13BitTorrent protocol', 'latin1'),
          Buffer.alloc(8),
          TORRENT.metainfo.infoHash.bytes,
          link.peer.peerId,
        ])
        link.send(plain)
      },
    })
  },
)

test('a crowd that comes to us and says nothing keeps us from asking nobody', TIMEOUT, async (t) => {
  let callers: readonly Leecher[] = []
  let presentCount = 0
  const script = metadataScript()
  const greeted = (link: PeerLink) => {
    presentCount = callers.filter(({ socket }) => !socket.destroyed).length
    script.greeted!(link)
  }
  const [honest] = await listenMany(t, TORRENT, 1, { ...script, greeted })
  const asked = new Inbox<() => void>()
  const tracker = await serveHttp(t, (_, response) => {
    const peers = compactPeer(honest!.address)
    asked.put(() => response.end(encodeBencode({ interval: 1800, peers })))
  })
  const client = new Client({ port: 0, workers: 1, dht: false, lsd: false })
  t.after(() => client.close())
  const finding = client.fetchMetadata(`magnet:?xt=urn:btih:${HASH}&tr=${tracker}`)
  const answer = await asked.next()
  callers = await Promise.all(Array.from({ length: 40 }, () => Leecher.connect(t, TORRENT, client.port)))
  for (const caller of callers) caller.greet()
  await Promise.allSettled(callers.map((caller) => caller.handshake()))
  answer()
  await finding
  assert.equal(presentCount, 20)
})

test('an address that leads to ourselves is dialled once, and is no peer', TIMEOUT, async (t) => {
  const mirror: PeerScript = {
    connected: (link) => {
      link.socket.on('data', (bytes) => link.send(bytes))
    },
    greeted() {},
  }
  const [ours] = await listenMany(t, TORRENT, 1, mirror)
  const client = new Client({ port: 0, workers: 1, dht: false, lsd: false })
  t.after(() => client.close())
  await assert.rejects(client.fetchMetadata(HASH, { peers: [ours!.address] }), {
    code: 'NO_METADATA',
    message: /no peers known/,
  })
  assert.equal(ours!.links.length, 1)
})

test('a swarm of liars alone gives nothing', TIMEOUT, async (t) => {
  const liars = await listenMany(t, TORRENT, 3, metadataScript({ answer: giveLies }))
  const client = new Client({ port: 0, workers: 1, dht: false, lsd: false })
  t.after(() => client.close())
  const search = client.fetchMetadata(HASH, { peers: liars.map(({ address }) => address) })
  await assert.rejects(search, { code: 'NO_METADATA' })
})
