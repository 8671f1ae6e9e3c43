import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fetchFrom, scratchFolder } from '../kit/fetching.js'
import { assertFiles, type MadeTorrent, makeSingle, makeTorrent } from '../kit/made-torrent.js'
import { listenMany } from '../kit/scripted-peer.js'

const KIB = 1024
const MIB = 1024 * KIB
const TIMEOUT = { timeout: 15_000 }

/** Every last piece is short, and no length is a multiple of a block. */
const LAYOUTS: Readonly<Record<string, () => MadeTorrent>> = {
  'pieces of 16 KiB': () => makeSingle(2 * MIB + 1, 16 * KIB),
  'pieces of 17,000 bytes': () => makeSingle(1_234_567, 17_000),
  'pieces of 64 KiB': () => makeSingle(3 * MIB + 77, 64 * KIB),
  'pieces of 1 MiB': () => makeSingle(5 * MIB + 16_385, MIB),
  'less than a block': () => makeSingle(1, 16 * KIB),
  'files that share pieces': () =>
    makeTorrent({
      folder: 'several',
      files: { a: 100_000, 'sub/b': 1, 'sub/deep/c': 300_001, empty: 0, d: 16_384, 'sub/void': 0 },
      pieceLength: 32 * KIB,
    }),
  'files padded to pieces': () =>
    makeTorrent({
      folder: 'padded',
      files: { a: 40_000, '.pad/25536': 25_536, b: 65_536, c: 7, '.pad/65529': 65_529, d: 100 },
      pieceLength: 64 * KIB,
    }),
}

for (const [name, make] of Object.entries(LAYOUTS)) {
  test(`${name}: one peer, three and twenty bring the same bytes`, TIMEOUT, async (t) => {
    const torrent = make()
    for (const peerCount of [1, 3, 20]) {
      const output = scratchFolder(t)
      const { result } = await fetchFrom(torrent, await listenMany(t, torrent, peerCount), { output })
      assertFiles(torrent, output)
      assert.equal(result.totalBytes, torrent.content.length - paddingBytes(torrent))
    }
  })
}

test(
  'pieces of 20 MiB with 4 MiB of memory come in parts, from one peer and from three',
  TIMEOUT,
  async (t) => {
    const torrent = makeSingle(41 * MIB + 3, 20 * MIB)
    for (const peerCount of [1, 3]) {
      const output = scratchFolder(t)
      const peers = await listenMany(t, torrent, peerCount)
      const { result } = await fetchFrom(torrent, peers, { output, memoryBytes: 4 * MIB })
      assertFiles(torrent, output)
      assert.equal(result.downloadedBytes - result.wastedBytes, torrent.content.length)
    }
  },
)

test('thousands of tiny files come out one by one', TIMEOUT, async (t) => {
  const lengths = Array.from({ length: 2_000 }, (_, nth) => [`${nth % 30}/${nth}`, nth % 200])
  const files = Object.fromEntries(lengths)
  const torrent = makeTorrent({ folder: 'tiny', files, pieceLength: 16 * KIB })
  const output = scratchFolder(t)
  const { result } = await fetchFrom(torrent, await listenMany(t, torrent, 3), { output })
  assertFiles(torrent, output)
  assert.equal(result.files.length, 2_000)
})

function paddingBytes({ metainfo }: MadeTorrent): number {
  return metainfo.files.reduce((sum, file) => sum + (file.isPadding ? file.length : 0), 0)
}
