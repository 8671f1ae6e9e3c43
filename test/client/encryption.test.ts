/** Two of our own clients, and what those on the way between them can see. */
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { type TestContext, test } from 'node:test'
import { fetchTorrent } from '../../src/client/fetch-torrent.js'
import type { FetchOptions } from '../../src/client/options.js'
import { GaveUpError, OptionError } from '../../src/core/errors.js'
import type { FoundAddress, PeerAddress } from '../../src/core/peer-address.js'
import { magnetLink } from '../../src/metainfo/magnet-link.js'
import type { Encryption } from '../../src/swarm/encryption.js'
import { EncryptedEnd } from '../kit/encrypted-end.js'
import { scratchFolder } from '../kit/fetching.js'
import { assertFiles, makeSingle } from '../kit/made-torrent.js'
import { ScriptedPeer } from '../kit/scripted-peer.js'
import { eventually, openClient, startSeed } from '../kit/seeding.js'
import { type TappedConnection, type TappedLine, tapLine } from '../kit/tapped-line.js'
import { handshakeBytes } from '../kit/wire-bytes.js'

const TIMEOUT = { timeout: 20_000 }
const KIB = 1024
const MADE = makeSingle(700_001, 32 * KIB)
const LINK = magnetLink({ ...MADE.metainfo, trackers: [] })
const PROTOCOL = 'BitTorrent protocol'
const HOST = '127.0.0.1'

async function seedOf(t: TestContext, encryption: Encryption): Promise<PeerAddress> {
  const { port } = await startSeed(t, MADE, { client: openClient(t, { encryption }) })
  return { host: HOST, port }
}

/** Somebody to wait for. */
async function muteOf(t: TestContext): Promise<PeerAddress> {
  return (await ScriptedPeer.listen(t, MADE, { script: { greeted: () => {} } })).address
}

interface Leech extends Partial<FetchOptions> {
  readonly source?: string | Uint8Array
}

async function leech(t: TestContext, peer: FoundAddress, { source = MADE.bytes, ...options }: Leech) {
  const output = scratchFolder(t)
  await fetchTorrent(source, {
    workers: 1,
    port: 0,
    dht: false,
    lsd: false,
    useTrackers: false,
    output,
    peers: [peer],
    ...options,
  })
  assertFiles(MADE, output)
}

type Look = 'plain' | 'plain payload' | 'all encrypted'

function lookOf({ fromCaller, fromCalled }: TappedConnection): Look {
  if (Buffer.concat(fromCaller).includes(PROTOCOL)) return 'plain'
  return Buffer.concat(fromCalled).includes(PROTOCOL) ? 'plain payload' : 'all encrypted'
}

const looks = ({ connections }: TappedLine) => connections.map(lookOf)

/** What the connections of a download look like, by what both sides want. The last one brings the data. */
const MEETINGS: readonly [leech: Encryption, seed: Encryption, looks: readonly Look[]][] = [
  ['prefer', 'prefer', ['plain']],
  ['prefer', 'off', ['plain']],
  ['prefer', 'require', ['plain', 'all encrypted']],
  ['off', 'prefer', ['plain']],
  ['off', 'off', ['plain']],
  ['require', 'prefer', ['all encrypted']],
  ['require', 'require', ['all encrypted']],
]

for (const [ours, theirs, expected] of MEETINGS) {
  test(`one that says ${ours} downloads from one that says ${theirs}`, TIMEOUT, async (t) => {
    const line = await tapLine(t, await seedOf(t, theirs))
    await leech(t, line.address, { encryption: ours })
    assert.deepEqual(looks(line), expected)
  })
}

for (const [ours, theirs] of [
  ['off', 'require'],
  ['require', 'off'],
] as const) {
  test(`one that says ${ours} does not meet one that says ${theirs}`, TIMEOUT, async (t) => {
    const line = await tapLine(t, await seedOf(t, theirs))
    await assert.rejects(leech(t, line.address, { encryption: ours, giveUpAfterMs: 800 }), GaveUpError)
    assert.ok(line.connections.length >= 1)
    for (const look of looks(line)) assert.equal(look, ours === 'off' ? 'plain' : 'all encrypted')
  })
}

test(
  'a peer that is known to prefer encryption is dialled so, and payload stays plain when both let it',
  TIMEOUT,
  async (t) => {
    const line = await tapLine(t, await seedOf(t, 'prefer'))
    await leech(t, { ...line.address, prefersEncryption: true }, {})
    assert.deepEqual(looks(line), ['plain payload'])
  },
)

test('a peer that was said to prefer encryption and takes none is dialled plainly', TIMEOUT, async (t) => {
  const line = await tapLine(t, await seedOf(t, 'off'))
  await leech(t, { ...line.address, prefersEncryption: true }, {})
  assert.deepEqual(looks(line), ['all encrypted', 'plain'])
})

test('what a peer has taken is remembered for the next time', TIMEOUT, async (t) => {
  const line = await tapLine(t, await seedOf(t, 'require'))
  const client = openClient(t)
  const torrent = await client.add(MADE.bytes, {
    output: scratchFolder(t),
    peers: [line.address],
    useTrackers: false,
    maxDownloadBytesPerSecond: 100 * KIB,
  })
  await eventually(() => torrent.progress().downloadedBytes > 0)
  assert.equal(line.connections.length, 2)
  line.connections[1]!.cut()
  await eventually(() => line.connections.length > 2 && torrent.progress().connectedPeers > 0)
  await torrent.stop()
  await torrent.done.catch(() => {})
  assert.deepEqual(looks(line), ['plain', 'all encrypted', 'all encrypted'])
})

for (const [ours, theirs, expected] of [
  ['require', 'require', ['all encrypted', 'all encrypted']],
  // What the search for the metadata has learnt, the download knows.
  ['prefer', 'require', ['plain', 'all encrypted', 'all encrypted']],
] as const) {
  test(`metadata comes encrypted as well (${ours}, ${theirs})`, TIMEOUT, async (t) => {
    const line = await tapLine(t, await seedOf(t, theirs))
    await leech(t, line.address, { source: LINK, encryption: ours })
    assert.deepEqual(looks(line), expected)
  })
}

test('a search for metadata hears an encrypted caller', TIMEOUT, async (t) => {
  const client = openClient(t)
  const mute = await muteOf(t)
  const found = client.fetchMetadata(MADE.metainfo.infoHash.hex, { useTrackers: false, peers: [mute] })
  found.catch(() => {})
  await eventually(() => client.port !== 0)
  const seed = openClient(t, { encryption: 'require' })
  await startSeed(t, MADE, { client: seed, peers: [{ host: HOST, port: client.port }] })
  assert.equal((await found).metainfo.name, 'data.bin')
})

test('a seed that dials in finds the torrent among several', TIMEOUT, async (t) => {
  const client = openClient(t, { encryption: 'require' })
  for (const size of [100_000, 200_000]) await startSeed(t, makeSingle(size, 32 * KIB), { client })
  const output = scratchFolder(t)
  const torrent = await client.add(MADE.bytes, { output, useTrackers: false, peers: [await muteOf(t)] })
  await startSeed(t, MADE, {
    client: openClient(t, { encryption: 'require' }),
    peers: [{ host: HOST, port: client.port }],
  })
  await torrent.done
  assertFiles(MADE, output)
})

test(
  'a peer that takes neither is dialled in both manners, and then left alone for a while',
  TIMEOUT,
  async (t) => {
    const peer = await ScriptedPeer.listen(t, MADE, { script: { connected: (link) => link.vanish() } })
    await assert.rejects(leech(t, peer.address, { giveUpAfterMs: 1_000 }), GaveUpError)
    assert.equal(peer.links.length, 2)
  },
)

test('a peer that lets us in and leaves again is not asked in another manner', TIMEOUT, async (t) => {
  const script = {
    greeted: (link: { greet(): void; vanish(): void; socket: { end(): void } }) => {
      link.greet()
      link.socket.end()
    },
  }
  const peer = await ScriptedPeer.listen(t, MADE, { script })
  const line = await tapLine(t, peer.address)
  await assert.rejects(leech(t, line.address, { giveUpAfterMs: 1_000 }), GaveUpError)
  assert.deepEqual(looks(line), ['plain'])
})

test('an encrypted caller that wants another torrent than it said first is let go', TIMEOUT, async (t) => {
  const { host, port } = await seedOf(t, 'prefer')
  for (const isHonest of [true, false]) {
    const socket = connect({ host, port })
    t.after(() => socket.destroy())
    const infoHash = MADE.metainfo.infoHash.bytes
    const end = await EncryptedEnd.call(socket, { infoHash })
    end.write(handshakeBytes(isHonest ? infoHash : new Uint8Array(20).fill(0x12)))
    if (isHonest) assert.equal((await end.read(68)).toString('latin1', 1, 20), 'BitTorrent protocol')
    else await assert.rejects(end.read(68))
  }
})

test('an option that nobody knows is refused by name', (t) => {
  for (const encryption of ['on', '', 'toString', null]) {
    const refusal = (error: unknown) => error instanceof OptionError && /^encryption: /.test(error.message)
    assert.throws(() => openClient(t, { encryption: encryption as Encryption }), refusal)
  }
})
