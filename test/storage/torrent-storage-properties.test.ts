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

test('whatever the layout and the order, the files come out byte for byte, and damage is found', async (t) => {
  const pool = scratchPool(t)
  await fc.assert(
    fc.asyncProperty(downloads, async (download) => {
      const torrent = sampleTorrent(
        download.lengths.map((length, nth) => {
          const path = `T/${nth % 3}/${nth}`
          return download.padding[nth] ? { path, length, kind: 'padding' as const } : { path, length }
        }),
        download.pieceLength,
      )
      const { metainfo } = torrent
      const selected = (nth: number) => download.selection[nth]!
      const isWanted = (nth: number) => selected(nth) && !metainfo.files[nth]!.isPadding
      const wantedFiles = [...metainfo.files.keys()].filter(isWanted)
      const wanted = allPieces(torrent).filter((index) =>
        metainfo.geometry
          .spans(metainfo.geometry.pieceOffset(index), metainfo.geometry.pieceBytes(index))
          .some((span) => isWanted(span.fileIndex)),
      )
      const handles = new HandleCache(download.openFiles)
      const folder = await scratchFolder(t)
      const storage = scratchStorage(t, torrent, folder, { handles, pool, selected })
      await storage.prepare()
      const order = shuffled(wanted, download.seed)
      for (let from = 0; from < order.length; from += download.batch) {
        await storeAll(storage, torrent, order.slice(from, from + download.batch))
      }
      const before = await storage.verifyExisting()
      assert.deepEqual(
        allPieces(torrent).filter((index) => before.has(index)),
        wanted,
      )

      const spoilt = await damageFiles(storage, torrent, wantedFiles, download.damage)
      const after = await storage.verifyExisting()
      const intact = wanted.filter((index) => !spoilt.has(index))
      assert.deepEqual(
        allPieces(torrent).filter((index) => after.has(index)),
        intact,
      )

      const missing = wanted.filter((index) => spoilt.has(index))
      if (missing.length > 0) await storeAll(storage, torrent, missing)
      await storage.finish()
      for (const nth of metainfo.files.keys()) {
        const path = storage.filePath(nth)
        if (isWanted(nth)) assert.deepEqual(new Uint8Array(await readFile(path)), fileOf(torrent, nth))
        else assert.ok(!(await exists(path)))
      }
      await storage.close()
      await handles.close()
    }),
    { numRuns: 60 },
  )
})

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
