/** Magnet links between us and other people's programs: their metadata to us, and ours to them. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { makeNamespacePair } from '../../bench/namespaces.js'
import { writeRandomFile } from '../../bench/payload.js'
import { hashPayload, writeTorrent } from '../../bench/torrent.js'
import { Client } from '../../src/client/client.js'
import { parseMetainfo } from '../../src/metainfo/parse-metainfo.js'
import { assertSameFile, newFolder } from '../kit/real-folders.js'
import { RealGet } from '../kit/real-get.js'
import { libtorrentMagnetCommand } from '../kit/real-libtorrent.js'
import { RealProcess } from '../kit/real-process.js'
import { needs } from '../kit/real-programs.js'
import {
  loopbackPlace,
  peerOf,
  type SeedPlace,
  startAria2,
  startLibtorrent,
  startTransmission,
} from '../kit/real-seeds.js'
import { startTracker } from '../kit/real-tracker.js'

/** Small pieces, so that the metadata has several. */
const PIECE_BYTES = 16_384
const PIECE_COUNT = 3_001

const folder = newFolder()
const payload = writeRandomFile(join(folder, 'payload.bin'), (PIECE_COUNT - 1) * PIECE_BYTES + 12_345)
const torrent = join(folder, 'payload.torrent')
writeTorrent(torrent, hashPayload({ files: [payload], pieceLengthBytes: PIECE_BYTES }), undefined)
const { infoHash } = parseMetainfo(readFileSync(torrent))
const LINK = `magnet:?xt=urn:btih:${infoHash.hex}`

async function assertGets(t: TestContext, place: SeedPlace, prefix: readonly string[] = []): Promise<void> {
  const output = newFolder()
  const link = `${LINK}&x.pe=${peerOf({ torrent, folder, place })}`
  const get = new RealGet(t, [link, '-o', output, '--port', '0', '--timeout', '20'], prefix)
  const { code, stderr } = await get.outcome
  assert.equal(code, 0, stderr)
  assertSameFile(join(output, basename(payload.location)), payload.location)
}

/** Our own seed, which its tracker knows. Answers the port. */
async function startOurSeed(t: TestContext, trackers: readonly string[] = []): Promise<number> {
  const client = new Client({ port: 0, workers: 1, dht: false, lsd: false })
  t.after(() => client.close())
  const metainfo = {
    ...parseMetainfo(readFileSync(torrent)),
    trackers: [trackers].filter((tier) => tier.length > 0),
  }
  const seeding = await client.add(metainfo, { output: folder, download: false, seed: true })
  await seeding.done
  return client.port
}

describe('a magnet link becomes a download', { concurrency: true }, () => {
  test('from libtorrent', { skip: needs('libtorrent') }, async (t) => {
    const place = await loopbackPlace()
    await startLibtorrent(t, { torrent, folder, place })
    await assertGets(t, place)
  })

  test('from aria2', { skip: needs('aria2c') }, async (t) => {
    const place = await loopbackPlace()
    await startAria2(t, { torrent, folder, place })
    await assertGets(t, place)
  })

  test('from transmission', { skip: needs('transmission-daemon', 'namespaces') }, async (t) => {
    const pair = makeNamespacePair(1)
    t.after(() => pair.remove())
    const place = { host: pair.seedHosts[0]!, port: 51_413, prefix: pair.seedPrefix }
    await startTransmission(t, { torrent, folder, place })
    await assertGets(t, place, pair.downloadPrefix)
  })
})

describe('our seed gives its metadata, and the rest', { concurrency: true }, () => {
  test('to libtorrent', { skip: needs('libtorrent') }, async (t) => {
    const port = await startOurSeed(t)
    const output = newFolder()
    const leecher = new RealProcess(t, libtorrentMagnetCommand(LINK, output, `127.0.0.1:${port}`))
    await leecher.says(/^metadata payload\.bin$/m)
    assert.equal(await leecher.exitCode, 0)
    assertSameFile(join(output, 'payload.bin'), payload.location)
  })

  test('to aria2, by a tracker', { skip: needs('aria2c') }, async (t) => {
    const { http: announce } = await startTracker(t)
    await startOurSeed(t, [announce])
    const output = newFolder()
    const leecher = new RealProcess(t, {
      program: 'aria2c',
      args: [
        ...['--no-conf', '--enable-dht=false', '--enable-dht6=false', '--bt-enable-lpd=false'],
        ...['--seed-time=0', '--interface=127.0.0.1', `--dir=${output}`],
        `${LINK}&tr=${encodeURIComponent(announce)}`,
      ],
    })
    assert.equal(await leecher.exitCode, 0, leecher.said)
    assertSameFile(join(output, 'payload.bin'), payload.location)
  })
})
