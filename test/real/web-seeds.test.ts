/** Downloads from nginx as a web seed: alone, beside peers, beside a server of wrong bytes, and through its restart. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { writeRandomFile } from '../../bench/payload.js'
import { parseMetainfo } from '../../src/metainfo/parse-metainfo.js'
import { PROGRAM } from '../kit/cli-process.js'
import { assertSameFile, assertSameTree, damage, newFolder } from '../kit/real-folders.js'
import { RealGet } from '../kit/real-get.js'
import { startNginx } from '../kit/real-nginx.js'
import { needs } from '../kit/real-programs.js'
import { loopbackPlace, peerOf, startLibtorrent } from '../kit/real-seeds.js'

const folder = newFolder()
const payload = writeRandomFile(join(folder, 'payload.bin'), 24_012_345)
const torrent = create(payload.location, 'payload.torrent')

/** With `create`, as people do. Answers its path, which is below what a server has. */
function create(path: string, name: string, webSeeds: readonly string[] = []): string {
  const location = join(folder, name)
  const seeds = webSeeds.flatMap((url) => ['--web-seed', url])
  execFileSync(process.execPath, [PROGRAM, 'create', path, '-o', location, '--force', '--quiet', ...seeds])
  return location
}

async function assertGets(
  t: TestContext,
  args: readonly string[],
  expected = payload.location,
): Promise<void> {
  const output = newFolder()
  const { code, stderr } = await new RealGet(t, [...args, '-o', output, '--timeout', '20']).outcome
  assert.equal(code, 0, stderr)
  if (expected === payload.location) assertSameFile(join(output, basename(expected)), expected)
  else assertSameTree(join(output, basename(expected)), expected)
}

describe('a download from nginx is complete and identical', {
  concurrency: true,
  skip: needs('nginx'),
}, () => {
  test('without a peer, from a .torrent that lies beside the data', async (t) => {
    const place = await loopbackPlace()
    const url = `http://${place.host}:${place.port}/`
    create(payload.location, 'beside.torrent', [url])
    await startNginx(t, { root: folder, place })
    await assertGets(t, [`${url}beside.torrent`])
  })

  test('of several files, whatever their names', async (t) => {
    const root = newFolder()
    const set = join(root, 'a set')
    mkdirSync(join(set, 'sub ü#?%41'), { recursive: true })
    for (const [name, length] of Object.entries({
      '1 & 2.bin': 3_000_001,
      'sub ü#?%41/x+y': 700_000,
      last: 5,
    })) {
      writeRandomFile(join(set, name), length)
    }
    writeFileSync(join(set, 'nothing'), '')
    const { url } = await startNginx(t, { root })
    await assertGets(t, [create(set, 'set.torrent'), '--web-seed', url], set)
  })

  test('beside a peer, and both are asked', { skip: needs('libtorrent') }, async (t) => {
    const plan = { torrent, folder, place: await loopbackPlace(), uploadRate: 4_000_000 }
    await startLibtorrent(t, plan)
    const { url } = await startNginx(t, { root: folder, rate: 1_000_000 })
    const output = newFolder()
    const args = [torrent, '-o', output, '--peer', peerOf(plan), '--web-seed', url, '--timeout', '20']
    const get = new RealGet(t, args)
    await get.until(({ connectedPeers, webSeeds }) => connectedPeers === 1 && webSeeds === 1)
    const { code, stderr } = await get.outcome
    assert.equal(code, 0, stderr)
    assertSameFile(join(output, basename(payload.location)), payload.location)
  })

  test('though one of three servers has wrong bytes', async (t) => {
    const spoilt = newFolder()
    copyFileSync(payload.location, join(spoilt, 'payload.bin'))
    for (let position = 0; position < payload.length - 1; position += 300_000) {
      damage(join(spoilt, 'payload.bin'), { position, length: 1 })
    }
    const servers = await Promise.all([spoilt, folder, folder].map((root) => startNginx(t, { root })))
    const seeds = servers.flatMap(({ url }) => ['--web-seed', url])
    const output = newFolder()
    const get = new RealGet(t, [torrent, '-o', output, '--timeout', '20', ...seeds])
    const { code, events, stderr } = await get.outcome
    assert.equal(code, 0, stderr)
    assertSameFile(join(output, basename(payload.location)), payload.location)
    const dropped = events.filter(({ type }) => type === 'webSeedFailed')
    assert.ok(dropped.every(({ code: fault }) => fault === 'CORRUPT_PIECE') && dropped.length <= 1)
  })

  test('though it is killed and comes back', async (t) => {
    const first = await startNginx(t, { root: folder, rate: 400_000 })
    const output = newFolder()
    const get = new RealGet(t, [torrent, '-o', output, '--web-seed', first.url, '--timeout', '20'])
    await get.untilHalfway()
    await first.process.kill()
    await get.until(({ type }) => type === 'webSeedFailed')
    await startNginx(t, { root: folder, place: first.place })
    const { code, stderr } = await get.outcome
    assert.equal(code, 0, stderr)
    assertSameFile(join(output, basename(payload.location)), payload.location)
  })

  test('of a magnet link whose peers have hardly more than the metadata', {
    skip: needs('libtorrent'),
  }, async (t) => {
    const plan = { torrent, folder, place: await loopbackPlace(), uploadRate: 50_000 }
    await startLibtorrent(t, plan)
    const { url } = await startNginx(t, { root: folder })
    const { infoHash } = parseMetainfo(readFileSync(torrent))
    const link = `magnet:?xt=urn:btih:${infoHash.hex}&x.pe=${peerOf(plan)}&ws=${encodeURIComponent(url)}`
    await assertGets(t, [link, '--port', '0'])
  })
})

test('a web seed that has nothing ends the download with 4', { skip: needs('nginx') }, async (t) => {
  const { url } = await startNginx(t, { root: newFolder() })
  const get = new RealGet(t, [torrent, '-o', newFolder(), '--web-seed', url])
  const { code, events } = await get.outcome
  assert.equal(code, 4)
  assert.match(events.at(-1)!.error!.message, /web seed 127\.0\.0\.1:\d+: HTTP status 404/)
})
