/**
 * Neighbours that find each other by multicast alone (BEP 14): other people's programs and ours, in both
 * directions.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { writeRandomFile } from '../../bench/payload.js'
import { hashPayload, writeTorrent } from '../../bench/torrent.js'
import { EXIT } from '../../src/cli/exit-codes.js'
import { magnetLink } from '../../src/metainfo/magnet-link.js'
import { parseMetainfo } from '../../src/metainfo/parse-metainfo.js'
import { CliProcess } from '../kit/cli-process.js'
import { assertSameFile, newFolder } from '../kit/real-folders.js'
import { RealGet } from '../kit/real-get.js'
import { startMagnet } from '../kit/real-magnets.js'
import { type Home, makeNetwork } from '../kit/real-network.js'
import { needs } from '../kit/real-programs.js'
import { startAria2, startLibtorrent, startTransmission } from '../kit/real-seeds.js'

const PORT = 51_413
const NO_OTHERS = ['--no-trackers', '--no-dht', '--no-pex', '--port', '0']
const finders = ['lsd'] as const

const folder = newFolder()
const payload = writeRandomFile(join(folder, 'payload.bin'), 1_000_001)
const torrent = join(folder, 'payload.torrent')
const info = hashPayload({ files: [payload], pieceLengthBytes: 65_536 })
writeTorrent(torrent, info, undefined)
const LINK = `magnet:?xt=urn:btih:${info.infoHashHex}`

const PROGRAMS = {
  libtorrent: { start: startLibtorrent, skip: needs('libtorrent', 'namespaces') },
  aria2: { start: startAria2, skip: needs('aria2c', 'namespaces') },
  transmission: { start: startTransmission, skip: needs('transmission-daemon', 'namespaces') },
} as const

async function assertGets(t: TestContext, { prefix }: Home): Promise<void> {
  const output = newFolder()
  const get = new RealGet(t, [LINK, '-o', output, '--timeout', '30', ...NO_OTHERS], prefix)
  const { code, stderr } = await get.outcome
  assert.equal(code, EXIT.done, stderr)
  assertArrived(output)
}

function assertArrived(output: string): void {
  assertSameFile(join(output, basename(payload.location)), payload.location)
}

async function startOurSeed(t: TestContext, { prefix }: Home, torrents = [torrent]): Promise<void> {
  const sources = torrents.flatMap((path) => [path, folder])
  const seed = new CliProcess(t, ['seed', ...sources, ...NO_OTHERS], prefix)
  await seed.until(({ phase }) => phase === 'seeding')
}

describe('a magnet link becomes a download by local discovery alone', { concurrency: true }, () => {
  for (const [name, { start, skip }] of Object.entries(PROGRAMS)) {
    test(`from ${name}, which was there first`, { skip }, async (t) => {
      const [theirs, ours] = makeNetwork(t, 2)
      await start(t, { torrent, folder, finders, place: { ...theirs!, port: PORT } })
      await assertGets(t, ours!)
    })
  }

  for (const [name, { skip }] of Object.entries(PROGRAMS)) {
    test(`of ${name}, from our seed`, { skip }, async (t) => {
      const [theirs, ours] = makeNetwork(t, 2)
      await startOurSeed(t, ours!)
      const plan = { torrent: LINK, finders, place: { ...theirs!, port: PORT } }
      const { output, complete } = await startMagnet[name as keyof typeof startMagnet](t, plan)
      await complete()
      assertArrived(output)
    })
  }

  test('from our seed', { skip: needs('namespaces') }, async (t) => {
    const [theirs, ours] = makeNetwork(t, 2)
    await startOurSeed(t, theirs!)
    await assertGets(t, ours!)
  })
})

test('a private torrent is announced to nobody', { skip: needs('namespaces') }, async (t) => {
  const [theirs, ours] = makeNetwork(t, 2)
  const secret = join(newFolder(), 'secret.torrent')
  writeTorrent(secret, { ...info, info: { ...(info.info as object), private: 1 } }, undefined)
  const link = magnetLink({ ...parseMetainfo(readFileSync(secret)), trackers: [] })
  await startOurSeed(t, theirs!, [secret])
  for (const source of [secret, link]) {
    const args = [source, '-o', newFolder(), '--timeout', '3', ...NO_OTHERS]
    assert.equal((await new RealGet(t, args, ours!.prefix).outcome).code, EXIT.gaveUp)
  }
})
