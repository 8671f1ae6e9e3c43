import assert from 'node:assert/strict'
import { mkdir, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { OptionError, StorageError } from '../../src/core/errors.js'
import { BLOCK_BYTES, type PieceIndex } from '../../src/core/geometry.js'
import { makeImage } from '../../src/storage/block-reader.js'
import { BLOCKS_PER_READ, IMAGE_BYTES } from '../../src/storage/piece-tasks.js'
import type { TorrentStorage } from '../../src/storage/torrent-storage.js'
import { parsedImages } from './parsed-images.js'
import {
  allPieces,
  exists,
  fileOf,
  pieceOf,
  type SampleTorrent,
  sampleTorrent,
  scratchFolder,
  scratchPool,
  scratchStorage,
  storeAll,
} from './sample-torrent.js'

const piece = (index: number): PieceIndex => index as PieceIndex
const makeImages = (count: number): ArrayBuffer[] => Array.from({ length: count }, makeImage)

/** Puts the files in their places without downloading anything. */
async function place(storage: TorrentStorage, torrent: SampleTorrent): Promise<void> {
  for (const [fileIndex, file] of torrent.metainfo.files.entries()) {
    if (file.isPadding) continue
    await mkdir(dirname(storage.filePath(fileIndex)), { recursive: true })
    await writeFile(storage.filePath(fileIndex), fileOf(torrent, fileIndex))
  }
}

/** Reads the blocks, and holds each against what it must be. */
async function readBack(storage: TorrentStorage, torrent: SampleTorrent, blocks: readonly number[]) {
  const { geometry } = torrent.metainfo
  const expected = blocks.map((block) => {
    const index = geometry.pieceOfBlock(block)
    const begin = (block - geometry.blockNumber(index, 0)) * BLOCK_BYTES
    const bytes = pieceOf(torrent.content, geometry, index).subarray(begin, begin + BLOCK_BYTES)
    return { index, begin, bytes: Buffer.from(bytes) }
  })
  const { images, outcome } = await storage.readBlocks(blocks, makeImages)
  assert.equal(outcome, 'read')
  const lengths = expected.map(({ bytes }) => bytes.length)
  const read = parsedImages(images, lengths)
  assert.deepEqual(
    read.map(({ index, begin, bytes }) => ({ index, begin, bytes: Buffer.from(bytes) })),
    expected,
  )
}

/** Layouts whose pieces go across files, padding and images. */
const layouts = fc.record({
  lengths: fc.array(fc.nat(200_000), { minLength: 1, maxLength: 5 }),
  padding: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
  pieceLength: fc.constantFrom(1_000, 16_384, 50_000, 262_144, 2_097_152),
  /** Any blocks, and how many follow each. */
  where: fc.array(fc.tuple(fc.nat(), fc.nat(20)), { minLength: 1, maxLength: 8 }),
})

type Layout = typeof layouts extends fc.Arbitrary<infer Value> ? Value : never

test('whatever the layout, images hold exactly the messages of the blocks, in the order asked', async (t) => {
  const pool = scratchPool(t)
  const read = async ({ lengths, padding, pieceLength, where }: Layout) => {
    const files = lengths.map((length, nth) =>
      padding[nth] ? { path: `T/${nth}`, length, kind: 'padding' as const } : { path: `T/${nth}`, length },
    )
    const torrent = sampleTorrent(files, pieceLength)
    const { geometry } = torrent.metainfo
    fc.pre(geometry.pieceCount > 0)
    const storage = scratchStorage(t, torrent, await scratchFolder(t), { pool })
    await place(storage, torrent)
    const { blockNumberEnd } = geometry
    const runs = where.map(([first, more]) =>
      Array.from({ length: more + 1 }, (_, nth) => (first % blockNumberEnd) + nth),
    )
    const blocks = runs.flat().filter((block) => block < blockNumberEnd)
    await readBack(storage, torrent, blocks.slice(0, BLOCKS_PER_READ))
    await storage.close()
  }
  await fc.assert(fc.asyncProperty(layouts, read), { numRuns: 40 })
})

test('images are moved to the worker and back, and used again and again', async (t) => {
  const torrent = sampleTorrent([{ path: 'f', length: 700_000 }], 700_000)
  const storage = scratchStorage(t, torrent, await scratchFolder(t))
  await place(storage, torrent)
  let images: readonly ArrayBuffer[] = makeImages(3)
  for (const first of [0, 1, 0]) {
    const blocks = Array.from({ length: 42 }, (_, nth) => first + nth)
    const handedIn = images
    images = (await storage.readBlocks(blocks, () => handedIn)).images
    assert.deepEqual(
      handedIn.map((image) => image.byteLength),
      [0, 0, 0],
    )
    assert.deepEqual(
      images.map((image) => image.byteLength),
      [IMAGE_BYTES, IMAGE_BYTES, IMAGE_BYTES],
    )
  }
})

test('a file that vanished or was cut is told as missing, and the images come back', async (t) => {
  const torrent = sampleTorrent(
    [
      { path: 'T/a', length: 20_000 },
      { path: 'T/b', length: 20_000 },
    ],
    40_000,
  )
  const folder = await scratchFolder(t)
  const outcomeAfter = async (harm: (storage: TorrentStorage) => Promise<void>) => {
    const storage = scratchStorage(t, torrent, folder)
    await place(storage, torrent)
    await harm(storage)
    const taken: number[] = []
    const take = (count: number) => {
      taken.push(count)
      return makeImages(count)
    }
    const { outcome, images } = await storage.readBlocks([0, 1, 2], take)
    assert.deepEqual(
      images.map((image) => image.byteLength),
      taken.map(() => IMAGE_BYTES),
    )
    return outcome
  }
  assert.equal(await outcomeAfter(async () => {}), 'read')
  assert.equal(await outcomeAfter((storage) => truncate(storage.filePath(1), 19_999)), 'missing')
  assert.equal(await outcomeAfter((storage) => rm(storage.filePath(0))), 'missing')
  assert.equal(await outcomeAfter(() => rm(`${folder}/T`, { recursive: true })), 'missing')
  assert.ok(!(await exists(`${folder}/T`)), 'reading makes nothing')
})

test('a symlink in the place of a file is an error of the disk, not followed', async (t) => {
  const torrent = sampleTorrent([{ path: 'f', length: 20_000 }], 20_000)
  const storage = scratchStorage(t, torrent, await scratchFolder(t))
  await writeFile(`${storage.filePath(0)}.real`, torrent.content)
  await symlink('f.real', storage.filePath(0))
  await assert.rejects(
    storage.readBlocks([0], makeImages),
    (error) =>
      error instanceof StorageError && error.code === 'UNSAFE_PATH' && error.path === storage.filePath(0),
  )
})

test('blocks that are none of the torrent, or too many, are refused', async (t) => {
  const torrent = sampleTorrent([{ path: 'f', length: 3_000_000 }], 2_000_000)
  const storage = scratchStorage(t, torrent, await scratchFolder(t))
  await place(storage, torrent)
  const tooMany = Array.from({ length: BLOCKS_PER_READ + 1 }, (_, nth) => nth)
  // The first piece has 123 blocks, the second 62.
  await readBack(storage, torrent, [184, 0])
  for (const blocks of [[185], [0, -1], [0.5], [], tooMany]) {
    await assert.rejects(
      storage.readBlocks(blocks, makeImages),
      (error) => error instanceof OptionError && error.code === 'BAD_OPTION',
    )
  }
})

test('pieces at the edge of the selection are stored, but not offered', async (t) => {
  const files = ['a', 'b', 'c'].map((name) => ({ path: `T/${name}`, length: 40 }))
  const padded = [...files.slice(0, 2), { path: 'T/.pad', length: 8, kind: 'padding' as const }, files[2]!]
  const torrent = sampleTorrent(padded, 16)
  const storage = scratchStorage(t, torrent, await scratchFolder(t), { selected: (nth) => nth === 1 })
  await storage.prepare()
  await storeAll(storage, torrent, [2, 3, 4, 5].map(piece))
  assert.deepEqual(
    allPieces(torrent).filter((index) => storage.canRead(index)),
    [3, 4],
  )
})
