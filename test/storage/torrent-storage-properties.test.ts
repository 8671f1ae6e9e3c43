import assert from 'node:assert/strict'
import { open, readFile } from 'node:fs/promises'
import { test } from 'node:test'
import fc from 'fast-check'
import type { PieceIndex } from '../../src/core/geometry.js'
import { HandleCache } from '../../src/storage/handle-cache.js'
import type { TorrentStorage } from '../../src/storage/torrent-storage.js'
import {
  allPieces,
  exists,
  fileOf,
  type SampleTorrent,
  sampleTorrent,
  scratchFolder,
  scratchPool,
  scratchStorage,
  storeAll,
} from './sample-torrent.js'

/** Any layout of files, the pieces in any order and any batches. */
const downloads = fc.record({
  lengths: fc.array(fc.nat(90), { minLength: 1, maxLength: 12 }),
  padding: fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
  selection: fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
  pieceLength: fc.constantFrom(1, 7, 16, 64, 1000),
  batch: fc.integer({ min: 1, max: 9 }),
  openFiles: fc.constantFrom(1, 4, 128),
  seed: fc.nat(),
  damage: fc.array(fc.nat(), { maxLength: 4 }),
})

type Download = typeof downloads extends fc.Arbitrary<infer Value> ? Value : never

test('whatever the layout and order, files come out byte for byte and damage is found', async (t) => {
  const pool = scratchPool(t)
  const downloadDamageRepair = async (download: Download): Promise<void> => {
    const { torrent, wantedFiles, wantedPieces } = layoutOf(download)
    const handles = new HandleCache(download.openFiles)
    const selected = (nth: number) => download.selection[nth]!
    const storage = scratchStorage(t, torrent, await scratchFolder(t), { handles, pool, selected })
    await storage.prepare()
    const order = shuffled(wantedPieces, download.seed)
    for (let from = 0; from < order.length; from += download.batch) {
      await storeAll(storage, torrent, order.slice(from, from + download.batch))
    }
    assert.deepEqual(await foundBy(storage, torrent), wantedPieces)

    const spoilt = await damageFiles(storage, torrent, wantedFiles, download.damage)
    const missing = wantedPieces.filter((index) => spoilt.has(index))
    const intact = wantedPieces.filter((index) => !spoilt.has(index))
    assert.deepEqual(await foundBy(storage, torrent), intact)

    if (missing.length > 0) await storeAll(storage, torrent, missing)
    await storage.finish()
    await assertFinal(storage, torrent, wantedFiles)
    await storage.close()
    await handles.close()
  }
  await fc.assert(fc.asyncProperty(downloads, downloadDamageRepair), { numRuns: 60 })
})

interface Layout {
  readonly torrent: SampleTorrent
  /** Selected files that are no padding, and the pieces that hold a byte of them. */
  readonly wantedFiles: readonly number[]
  readonly wantedPieces: readonly PieceIndex[]
}

function layoutOf({ lengths, padding, selection, pieceLength }: Download): Layout {
  const torrent = sampleTorrent(
    lengths.map((length, nth) => {
      const path = `T/${nth % 3}/${nth}`
      return padding[nth] ? { path, length, kind: 'padding' } : { path, length }
    }),
    pieceLength,
  )
  const { geometry, files } = torrent.metainfo
  const wantedFiles = [...files.keys()].filter((nth) => selection[nth] && !padding[nth])
  const wantedPieces = allPieces(torrent).filter((index) =>
    geometry
      .spans(geometry.pieceOffset(index), geometry.pieceBytes(index))
      .some((span) => wantedFiles.includes(span.fileIndex)),
  )
  return { torrent, wantedFiles, wantedPieces }
}

async function foundBy(storage: TorrentStorage, torrent: SampleTorrent): Promise<PieceIndex[]> {
  const found = await storage.verifyExisting()
  return allPieces(torrent).filter((index) => found.has(index))
}

async function assertFinal(
  storage: TorrentStorage,
  torrent: SampleTorrent,
  wantedFiles: readonly number[],
): Promise<void> {
  for (const nth of torrent.metainfo.files.keys()) {
    const path = storage.filePath(nth)
    if (!wantedFiles.includes(nth)) assert.ok(!(await exists(path)))
    else assert.deepEqual(new Uint8Array(await readFile(path)), fileOf(torrent, nth))
  }
}

/** Flips one byte for each number, and says which pieces that spoils. */
async function damageFiles(
  storage: TorrentStorage,
  { metainfo, content }: SampleTorrent,
  files: readonly number[],
  damage: readonly number[],
): Promise<Set<PieceIndex>> {
  const spots = files.flatMap((nth) =>
    Array.from({ length: metainfo.files[nth]!.length }, (_, at) => ({ nth, at })),
  )
  const hit = new Set(spots.length === 0 ? [] : damage.map((number) => spots[number % spots.length]!))
  const spoilt = new Set<PieceIndex>()
  for (const { nth, at } of hit) {
    const place = metainfo.files[nth]!.offset + at
    const handle = await open(storage.filePath(nth), 'r+')
    await handle.write(Uint8Array.of(content[place]! ^ 0xff), 0, 1, at)
    await handle.close()
    spoilt.add(Math.floor(place / metainfo.geometry.pieceLength) as PieceIndex)
  }
  return spoilt
}

function shuffled<T>(items: readonly T[], seed: number): T[] {
  const weight = (nth: number) => Math.imul(nth + seed, 2654435761) >>> 0
  return items
    .map((item, nth) => ({ item, weight: weight(nth) }))
    .sort((a, b) => a.weight - b.weight)
    .map(({ item }) => item)
}
