import assert from 'node:assert/strict'
import { mkdir, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { OptionError, StorageError } from '../../src/core/errors.js'
import { BLOCK_BYTES, type PieceIndex } from '../../src/core/geometry.js'
import { makeImage } from '../../src/storage/block-reader.js'
import type { BlockStretch } from '../../src/storage/piece-store.js'
import { BLOCKS_PER_IMAGE, BLOCKS_PER_READ, IMAGE_BYTES } from '../../src/storage/piece-tasks.js'
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

function imagesFor(blockCount: number): ArrayBuffer[] {
  return Array.from({ length: Math.ceil(blockCount / BLOCKS_PER_IMAGE) }, makeImage)
}

/** Puts the files in their places without downloading anything. */
async function place(storage: TorrentStorage, torrent: SampleTorrent): Promise<void> {
  for (const [fileIndex, file] of torrent.metainfo.files.entries()) {
    if (file.isPadding) continue
    await mkdir(dirname(storage.filePath(fileIndex)), { recursive: true })
    await writeFile(storage.filePath(fileIndex), fileOf(torrent, fileIndex))
  }
}

/** The bytes of a stretch, and what its images say they are. */
async function readBack(storage: TorrentStorage, torrent: SampleTorrent, stretch: BlockStretch) {
  const { images, outcome } = await storage.readBlocks(stretch, imagesFor(stretch.blockCount))
  assert.equal(outcome, 'read')
  const { geometry } = torrent.metainfo
  const from = stretch.firstBlock * BLOCK_BYTES
  const expected = pieceOf(torrent.content, geometry, stretch.index).subarray(
    from,
    from + stretch.blockCount * BLOCK_BYTES,
  )
  return { expected, blocks: parsedImages(images, expected.length) }
}

/** Layouts whose pieces go across files, padding and images. */
const layouts = fc.record({
  lengths: fc.array(fc.nat(200_000), { minLength: 1, maxLength: 5 }),
  padding: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
  pieceLength: fc.constantFrom(1_000, 16_384, 50_000, 262_144, 2_097_152),
  where: fc.record({ index: fc.nat(), firstBlock: fc.nat(), blockCount: fc.nat() }),
})

type Layout = typeof layouts extends fc.Arbitrary<infer Value> ? Value : never

test('whatever the layout, images hold exactly the messages of the blocks', async (t) => {
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
    const index = piece(where.index % geometry.pieceCount)
    const firstBlock = where.firstBlock % geometry.blockCount(index)
    const most = Math.min(BLOCKS_PER_READ, geometry.blockCount(index) - firstBlock)
    const stretch = { index, firstBlock, blockCount: 1 + (where.blockCount % most) }
    const { expected, blocks } = await readBack(storage, torrent, stretch)
    assert.deepEqual(
      blocks.map(({ index: number, begin }) => [number, begin]),
      Array.from({ length: stretch.blockCount }, (_, nth) => [index, (firstBlock + nth) * BLOCK_BYTES]),
    )
    assert.ok(Buffer.concat(blocks.map(({ bytes }) => bytes)).equals(expected))
    await storage.close()
  }
  await fc.assert(fc.asyncProperty(layouts, read), { numRuns: 40 })
})

test('images are moved to the worker and back, and used again and again', async (t) => {
  const torrent = sampleTorrent([{ path: 'f', length: 700_000 }], 700_000)
  const storage = scratchStorage(t, torrent, await scratchFolder(t))
  await place(storage, torrent)
  let images: readonly ArrayBuffer[] = imagesFor(43)
  for (const firstBlock of [0, 1, 0]) {
    const stretch = { index: piece(0), firstBlock, blockCount: 42 }
    const handedIn = images
    images = (await storage.readBlocks(stretch, handedIn)).images
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
  const stretch = { index: piece(0), firstBlock: 0, blockCount: 3 }
  const outcomeAfter = async (harm: (storage: TorrentStorage) => Promise<void>) => {
    const storage = scratchStorage(t, torrent, folder)
    await place(storage, torrent)
    await harm(storage)
    const { outcome, images } = await storage.readBlocks(stretch, imagesFor(3))
    assert.equal(images[0]?.byteLength, IMAGE_BYTES)
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
    storage.readBlocks({ index: piece(0), firstBlock: 0, blockCount: 1 }, imagesFor(1)),
    (error) =>
      error instanceof StorageError && error.code === 'UNSAFE_PATH' && error.path === storage.filePath(0),
  )
})

test('a stretch that is none of the torrent, or has no room, is refused', async (t) => {
  const torrent = sampleTorrent([{ path: 'f', length: 3_000_000 }], 2_000_000)
  const storage = scratchStorage(t, torrent, await scratchFolder(t))
  await place(storage, torrent)
  const refused = [
    [{ firstBlock: 0, blockCount: BLOCKS_PER_READ + 1 }, imagesFor(BLOCKS_PER_READ + 1)],
    [{ firstBlock: 122, blockCount: 2 }, imagesFor(2)],
    [{ firstBlock: -1, blockCount: 1 }, imagesFor(1)],
    [{ firstBlock: 0, blockCount: 0 }, imagesFor(1)],
    [{ firstBlock: 0, blockCount: 17 }, imagesFor(16)],
    [{ firstBlock: 0, blockCount: 1 }, [new ArrayBuffer(1)]],
  ] as const
  for (const [blocks, images] of refused) {
    await assert.rejects(
      storage.readBlocks({ index: piece(0), ...blocks }, images),
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
