/** What get and verify can be told, tried on downloads from libtorrent. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { writeRandomFile } from '../../bench/payload.js'
import { hashPayload, type TorrentPlan, writeTorrent } from '../../bench/torrent.js'
import { runCli } from '../cli/run-cli.js'
import { PROGRAM } from '../kit/cli-process.js'
import { assertSameFile, assertSameTree, damage, filesBelow, newFolder } from '../kit/real-folders.js'
import { RealGet } from '../kit/real-get.js'
import { RealProcess } from '../kit/real-process.js'
import { needs } from '../kit/real-programs.js'
import { loopbackPlace, peerOf, startLibtorrent } from '../kit/real-seeds.js'

const KIB = 1024
const MIB = 1024 * KIB

interface Offer {
  readonly torrent: string
  /** The file or folder that the torrent names. */
  readonly source: string
}

function offer(plan: TorrentPlan): Offer {
  const torrent = join(newFolder(), 'offered.torrent')
  writeTorrent(torrent, hashPayload(plan), undefined)
  return { torrent, source: plan.folder ?? plan.files[0]!.location }
}

function offerFile(length: number, pieceLengthBytes: number): Offer {
  const file = writeRandomFile(join(newFolder(), 'payload.bin'), length)
  return offer({ files: [file], pieceLengthBytes })
}

/** Files whose borders lie within pieces. */
function offerFolder(): Offer {
  const folder = join(newFolder(), 'images')
  const lengths = { 'a.bin': 700_001, 'b.bin': 500_003, 'c.txt': 10, 'deep/d.bin': 900_007, 'e.bin': 300_000 }
  const files = Object.entries(lengths).map(([path, length]) => writeRandomFile(join(folder, path), length))
  return offer({ folder, files, pieceLengthBytes: 256 * KIB })
}

/** The address of a peer that has all of it. */
async function seed(t: TestContext, { torrent, source }: Offer): Promise<string> {
  const plan = { torrent, folder: dirname(source), place: await loopbackPlace() }
  await startLibtorrent(t, plan)
  return peerOf(plan)
}

/** Downloads it with these options, and returns where it is then. */
async function download(t: TestContext, offered: Offer, options: readonly string[]): Promise<string> {
  const output = newFolder()
  const args = [
    offered.torrent,
    '-o',
    output,
    '--peer',
    await seed(t, offered),
    '--timeout',
    '20',
    ...options,
  ]
  const { code, stderr } = await new RealGet(t, args).outcome
  assert.equal(code, 0, stderr)
  return join(output, basename(offered.source))
}

const skip = needs('libtorrent')

test('verify is content with a download and finds a byte that was turned', { skip }, async (t) => {
  const offered = offerFolder()
  const place = await download(t, offered, [])
  assertSameTree(place, offered.source)
  const output = dirname(place)
  assert.equal((await runCli(['verify', offered.torrent, output])).code, 0)
  damage(join(place, 'deep', 'd.bin'), { position: 450_000, length: 1 })
  const { code, stdout, stderr } = await runCli(['verify', offered.torrent, output])
  assert.equal(code, 6, stderr)
  assert.match(stdout, /d\.bin: .* verified$/m)
  assert.match(stderr, /^swarmfetch: images: 1 of 10 pieces .* \(INCOMPLETE\)$/m)
})

test('a second get needs no peer, and one after damage fetches a single piece', { skip }, async (t) => {
  const offered = offerFile(3_000_001, 128 * KIB)
  const place = await download(t, offered, [])
  const again = [offered.torrent, '-o', dirname(place), '--no-trackers']
  assert.equal((await new RealGet(t, again).outcome).code, 0)
  damage(place, { position: 1_000_000, length: 1 })
  const { code, events } = await new RealGet(t, [...again, '--peer', await seed(t, offered)]).outcome
  assert.equal(code, 0)
  assert.equal(events.at(-1)!.downloadedBytes, 128 * KIB)
  assertSameFile(place, offered.source)
})

test('--select fetches what it names and creates nothing else; the rest can follow', { skip }, async (t) => {
  const offered = offerFolder()
  const place = await download(t, offered, ['--select', 'deep/*', '--select', '1'])
  assert.deepEqual(filesBelow(place), ['b.bin', 'deep/d.bin'])
  for (const path of filesBelow(place)) assertSameFile(join(place, path), join(offered.source, path))
  const args = [offered.torrent, '-o', dirname(place), '--peer', await seed(t, offered), '--timeout', '20']
  const { code, stderr } = await new RealGet(t, args).outcome
  assert.equal(code, 0, stderr)
  assertSameTree(place, offered.source)
})

test('--sequential and --allocate full bring the same bytes', { skip }, async (t) => {
  const offered = offerFolder()
  assertSameTree(await download(t, offered, ['--sequential', '--allocate', 'full']), offered.source)
})

test('-o - can be piped into another program', { skip }, async (t) => {
  const offered = offerFile(12_000_001, 256 * KIB)
  const get = [
    process.execPath,
    PROGRAM,
    'get',
    '--no-dht',
    '--no-lsd',
    offered.torrent,
    '-o',
    '-',
    '--peer',
    await seed(t, offered),
  ]
  const pipe = new RealProcess(t, {
    program: 'sh',
    args: ['-c', '"$@" | sha256sum', 'sh', ...get, '--quiet'],
  })
  assert.equal(await pipe.exitCode, 0)
  assert.equal(pipe.said, `${createHash('sha256').update(readFileSync(offered.source)).digest('hex')}  -\n`)
})

test('the events of --json count up to the end', { skip }, async (t) => {
  const offered = offerFile(12_000_001, 256 * KIB)
  const limit = ['--max-download', '4M', '--timeout', '20']
  const args = [offered.torrent, '-o', newFolder(), '--peer', await seed(t, offered), ...limit]
  const { code, events, stderr } = await new RealGet(t, args).outcome
  assert.deepEqual([code, stderr], [0, ''])
  assert.equal(events[0]!.event, 'started')
  assert.equal(events.at(-1)!.event, 'complete')
  const counts = events.filter((event) => event.event === 'progress').map((event) => event.completedBytes!)
  assert.ok(counts.length > 1)
  assert.deepEqual(
    counts,
    counts.toSorted((a, b) => a - b),
  )
})

test('pieces of 16 MiB come through a memory of 8 MiB', { skip }, async (t) => {
  const offered = offerFile(40_000_001, 16 * MIB)
  const place = await download(t, offered, ['--memory', '8'])
  assertSameFile(place, offered.source)
})

test('a stream of such pieces is refused with 2, because it has to hold them whole', { skip }, async () => {
  const { torrent } = offerFile(40_000_001, 16 * MIB)
  const { code, stderr } = await runCli(['get', torrent, '-o', '-', '--memory', '8'])
  assert.equal(code, 2)
  assert.match(stderr, /\(MEMORY_TOO_SMALL\)$/m)
})

test('pieces of 64 MiB come through the usual memory', { skip }, async (t) => {
  const offered = offerFile(70_000_001, 64 * MIB)
  assertSameFile(await download(t, offered, []), offered.source)
})
