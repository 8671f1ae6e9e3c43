/** Torrents made by other people's programs: the info hash is what the maker says, and the bytes come out the same. */
import assert from 'node:assert/strict'
import { cpSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { writeRandomFile } from '../../bench/payload.js'
import { runCli } from '../cli/run-cli.js'
import { assertSameFile, assertSameTree, newFolder } from '../kit/real-folders.js'
import { RealGet } from '../kit/real-get.js'
import {
  type MakePlan,
  makeWithLibtorrent,
  makeWithMktorrent,
  makeWithTransmission,
} from '../kit/real-makers.js'
import { needs } from '../kit/real-programs.js'
import { loopbackPlace, peerOf, startAria2, startLibtorrent } from '../kit/real-seeds.js'

const KIB = 1024
const LONG_NAME = `${'long '.repeat(45)}.bin`

/** Lengths by path: tiny and empty ones, none a multiple of a piece, names that tempt programs to change them. */
const TREE: Readonly<Record<string, number>> = {
  'one byte': 1,
  '.hidden file': 16_383,
  '.hidden folder/inside': 3,
  empty: 0,
  'with spaces/and more  of them/a b.bin': 300_001,
  'ünïcödé/日本語 🎉.txt': 65_536,
  "odd $(signs) & 'quotes' #1 %20 [x]; * ?.bin": 70_000,
  [LONG_NAME]: 131_073,
  'deep/er/and/deep/er/still/end': 16_385,
}

const folder = newFolder()
const tree = join(folder, 'a tree')
for (const [path, length] of Object.entries(TREE)) writeRandomFile(join(tree, path), length)
const small = writeRandomFile(join(folder, 'small.bin'), 1_000_003).location
const large = writeRandomFile(join(folder, 'large.bin'), 9_000_001).location

// transmission-create leaves out what is hidden or empty.
const visibleTree = join(newFolder(), basename(tree))
cpSync(tree, visibleTree, { recursive: true })
for (const path of ['.hidden file', '.hidden folder', 'empty']) {
  rmSync(join(visibleTree, path), { recursive: true })
}

interface Maker {
  readonly name: string
  readonly skip: string | false
  readonly make: (plan: MakePlan) => string
  readonly tree: string
  readonly leastPieceBytes: number
}

const libtorrents = (['v1', 'padded', 'hybrid'] as const).map(
  (kind): Maker => ({
    name: `libtorrent, ${kind}`,
    skip: needs('libtorrent'),
    make: (plan) => makeWithLibtorrent(kind, plan),
    tree,
    leastPieceBytes: 16 * KIB,
  }),
)

const makers: readonly Maker[] = [
  ...libtorrents,
  {
    name: 'mktorrent',
    skip: needs('mktorrent', 'transmission-create', 'libtorrent'),
    make: makeWithMktorrent,
    tree,
    leastPieceBytes: 32 * KIB,
  },
  {
    name: 'transmission-create',
    skip: needs('transmission-create', 'libtorrent'),
    make: makeWithTransmission,
    tree: visibleTree,
    leastPieceBytes: 16 * KIB,
  },
]

/** The name that the program shows, whose hash has to be the maker's. */
async function shownName(torrent: string, infoHash: string): Promise<string> {
  const { code, stdout, stderr } = await runCli(['show', '--json', torrent])
  assert.equal(code, 0, stderr)
  const shown = JSON.parse(stdout) as { infoHash: string; name: string }
  assert.equal(shown.infoHash, infoHash)
  return shown.name
}

/** Fetches it from libtorrent, and returns where it is then. */
async function download(t: TestContext, torrent: string, source: string): Promise<string> {
  const output = newFolder()
  const plan = { torrent, folder: dirname(source), place: await loopbackPlace() }
  await startLibtorrent(t, plan)
  const get = new RealGet(t, [
    torrent,
    '-o',
    output,
    '--no-trackers',
    '--peer',
    peerOf(plan),
    '--timeout',
    '20',
  ])
  const { code, stderr } = await get.outcome
  assert.equal(code, 0, stderr)
  return join(output, basename(source))
}

for (const maker of makers) {
  describe(`a torrent by ${maker.name}`, { concurrency: 2, skip: maker.skip }, () => {
    const files = [
      { path: small, pieceLengthBytes: maker.leastPieceBytes },
      { path: large, pieceLengthBytes: 4096 * KIB },
    ]
    for (const { path, pieceLengthBytes } of files) {
      test(`of one file in pieces of ${pieceLengthBytes / KIB} KiB`, async (t) => {
        const torrent = join(newFolder(), 'made.torrent')
        const infoHash = maker.make({ path, torrent, pieceLengthBytes })
        assert.equal(await shownName(torrent, infoHash), basename(path))
        assertSameFile(await download(t, torrent, path), path)
      })
    }

    test('of a folder with awkward names', async (t) => {
      const torrent = join(newFolder(), 'made.torrent')
      const plan = { path: maker.tree, torrent, pieceLengthBytes: 64 * KIB }
      assert.equal(await shownName(torrent, maker.make(plan)), basename(tree))
      assertSameTree(await download(t, torrent, maker.tree), maker.tree)
    })
  })
}

test('a torrent of version 2 alone is refused with 3 and says why', {
  skip: needs('libtorrent'),
}, async () => {
  const torrent = join(newFolder(), 'made.torrent')
  makeWithLibtorrent('v2', { path: small, torrent, pieceLengthBytes: 16 * KIB })
  for (const args of [
    ['show', torrent],
    ['get', torrent, '-o', newFolder()],
  ]) {
    const { code, stderr } = await runCli(args)
    assert.equal(code, 3)
    assert.match(stderr, /only v1 and hybrid torrents are supported \(V2_ONLY\)\n$/)
  }
})

test('a name of 255 bytes is cut, and its file is whole', {
  skip: needs('mktorrent', 'aria2c'),
}, async (t) => {
  const source = writeRandomFile(join(newFolder(), `${'n'.repeat(251)}.bin`), 500_001).location
  const torrent = join(newFolder(), 'made.torrent')
  makeWithMktorrent({ path: source, torrent, pieceLengthBytes: 32 * KIB })
  const plan = { torrent, folder: dirname(source), place: await loopbackPlace() }
  await startAria2(t, plan)
  const output = newFolder()
  const get = new RealGet(t, [
    torrent,
    '-o',
    output,
    '--no-trackers',
    '--peer',
    peerOf(plan),
    '--timeout',
    '20',
  ])
  const { code, events, stderr } = await get.outcome
  assert.equal(code, 0, stderr)
  const [file] = events.at(-1)!.files!
  assert.match(basename(file!), /^n{236}\.bin$/)
  assertSameFile(file!, source)
})
