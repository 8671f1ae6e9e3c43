/**
 * The DHT alone between us and other people's programs: no tracker, no peer exchange, no local discovery. The hub that
 * all begin with is a node of ours.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { writeRandomFile } from '../../bench/payload.js'
import { hashPayload, writeTorrent } from '../../bench/torrent.js'
import { parseMetainfo } from '../../src/metainfo/parse-metainfo.js'
import { CliProcess } from '../kit/cli-process.js'
import { untilAnnounced } from '../kit/dht-nodes.js'
import { startHub, startLibtorrentInDht } from '../kit/real-dht.js'
import { assertSameFile, newFolder } from '../kit/real-folders.js'
import { RealGet } from '../kit/real-get.js'
import { addNamespace, type Home, makeNetwork } from '../kit/real-network.js'
import { needs } from '../kit/real-programs.js'
import {
  loopbackPlace,
  runTransmission,
  type SeedPlace,
  startAria2,
  startTransmission,
  tellTransmission,
  transmissionSays,
} from '../kit/real-seeds.js'

const folder = newFolder()
const payload = writeRandomFile(join(folder, 'payload.bin'), 3_000_017)
const torrent = join(folder, 'payload.torrent')
writeTorrent(torrent, hashPayload({ files: [payload], pieceLengthBytes: 65_536 }), undefined)
const { infoHash } = parseMetainfo(readFileSync(torrent))
const LINK = `magnet:?xt=urn:btih:${infoHash.hex}`

const alone = (dhtNodes: readonly string[]) => [
  '--no-trackers',
  '--no-pex',
  '--no-lsd',
  '--port',
  '0',
  '--dht-bootstrap',
  dhtNodes[0]!,
]

async function untilHeardOf(t: TestContext, dhtNodes: readonly string[]): Promise<void> {
  const nodes = dhtNodes.map((node) => {
    const [host, port] = node.split(':')
    return { host: host!, port: Number(port) }
  })
  await untilAnnounced(t, nodes, infoHash.bytes)
}

async function assertGets(
  t: TestContext,
  dhtNodes: readonly string[],
  prefix: readonly string[] = [],
): Promise<void> {
  const output = newFolder()
  const get = new RealGet(t, [LINK, '-o', output, '--timeout', '60', ...alone(dhtNodes)], prefix)
  const { code, stderr } = await get.outcome
  assert.equal(code, 0, stderr)
  assertSame(output)
}

function assertSame(output: string): void {
  assertSameFile(join(output, basename(payload.location)), payload.location)
}

function startOurSeed(t: TestContext, dhtNodes: readonly string[], prefix: readonly string[] = []): void {
  new CliProcess(t, ['seed', torrent, folder, ...alone(dhtNodes)], prefix)
}

/** One home for the hub, one for each side. */
async function networkWithHub(t: TestContext) {
  const [hub, theirs, ours] = makeNetwork(t, 3) as [Home, Home, Home]
  const dhtNodes = await startHub(t, hub)
  const place: SeedPlace = { host: theirs.host, port: 51_413, prefix: theirs.prefix }
  return { dhtNodes, place, ours }
}

describe('through the DHT alone', { concurrency: true, timeout: 120_000 }, () => {
  test('a magnet link finds a seed of libtorrent', { skip: needs('libtorrent') }, async (t) => {
    const dhtNodes = await startHub(t)
    startLibtorrentInDht(t, { torrent, folder, dhtNodes })
    await untilHeardOf(t, dhtNodes)
    await assertGets(t, dhtNodes)
  })

  test('a magnet link of libtorrent finds our seed', { skip: needs('libtorrent') }, async (t) => {
    const dhtNodes = await startHub(t)
    startOurSeed(t, dhtNodes)
    await untilHeardOf(t, dhtNodes)
    const output = newFolder()
    await startLibtorrentInDht(t, { torrent: LINK, folder: output, dhtNodes }).says(/^complete$/m)
    assertSame(output)
  })

  test('a magnet link finds a seed of aria2', { skip: needs('aria2c') }, async (t) => {
    const dhtNodes = await startHub(t)
    await startAria2(t, { torrent, folder, place: await loopbackPlace(), dhtNodes })
    await untilHeardOf(t, dhtNodes)
    await assertGets(t, dhtNodes)
  })

  test('a magnet link of aria2 finds our seed', { skip: needs('aria2c') }, async (t) => {
    const dhtNodes = await startHub(t)
    startOurSeed(t, dhtNodes)
    await untilHeardOf(t, dhtNodes)
    const output = newFolder()
    const place = await loopbackPlace()
    const leecher = await startAria2(t, { torrent: LINK, folder: output, place, dhtNodes })
    await leecher.says(/^[0-9a-f]{16} \d+ \//m)
    assertSame(output)
  })

  test('where there is no network a search ends in time, and says so', {
    skip: needs('namespaces'),
  }, async (t) => {
    const prefix = ['ip', 'netns', 'exec', addNamespace(t, `swarmfetch-${process.pid}-alone`)]
    const link = `${LINK}&tr=udp://9.9.9.9:6969&tr=http://tracker.example/announce&x.pe=peer.example:6881`
    const nodes = ['9.9.9.9:6881', 'node.example:6881'].flatMap((node) => ['--dht-bootstrap', node])
    const args = [link, '-o', newFolder(), '--port', '0', '--timeout', '1', ...nodes]
    const { code, last } = await new RealGet(t, args, prefix).outcome
    assert.deepEqual([code, last.error?.code], [4, 'NO_METADATA'])
    assert.match(last.error!.message, /no peers known/)
  })

  test('a magnet link finds a seed of transmission', {
    skip: needs('transmission-daemon', 'namespaces'),
  }, async (t) => {
    const { dhtNodes, place, ours } = await networkWithHub(t)
    await startTransmission(t, { torrent, folder, place, dhtNodes })
    await assertGets(t, dhtNodes, ours.prefix)
  })

  test('a magnet link of transmission finds our seed', {
    skip: needs('transmission-daemon', 'namespaces'),
  }, async (t) => {
    const { dhtNodes, place, ours } = await networkWithHub(t)
    startOurSeed(t, dhtNodes, ours.prefix)
    const output = newFolder()
    const leecher = runTransmission(t, { torrent: LINK, folder: output, place, dhtNodes })
    await leecher.until(() => tellTransmission(place, LINK))
    await leecher.until(() => transmissionSays(place, /Percent Done: 100%/))
    assertSame(output)
  })
})
