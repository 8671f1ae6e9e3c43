import assert from 'node:assert/strict'
import { mkdir, open, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { Bitfield } from '../../src/core/bitfield.js'
import { OptionError, StorageError } from '../../src/core/errors.js'
import type { PieceIndex } from '../../src/core/geometry.js'
import { HandleCache } from '../../src/storage/handle-cache.js'
import {
  allPieces,
  buffered,
  exists,
  fileOf,
  pieceOf,
  sampleTorrent,
  scratchFolder,
  scratchPool,
  scratchStorage,
  storeAll,
} from './sample-torrent.js'

const piece = (index: number): PieceIndex => index as PieceIndex

function withCode(code: string): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof StorageError || error instanceof OptionError, String(error))
    assert.equal(error.code, code)
    return true
  }
}

test('pieces stored in any order make the files whole', async (t) => {
  const torrent = sampleTorrent(
    [
      { path: 'T/a', length: 30 },
      { path: 'T/sub/b', length: 71 },
    ],
    16,
  )
  const folder = await scratchFolder(t)
  const storage = scratchStorage(t, torrent, folder)
  await storage.prepare()
  for (const index of [6, 0, 3, 1, 5, 2, 4]) await storeAll(storage, torrent, [piece(index)])
  await storage.finish()
  for (const fileIndex of [0, 1]) {
    assert.deepEqual(new Uint8Array(await readFile(storage.filePath(fileIndex))), fileOf(torrent, fileIndex))
  }
  assert.deepEqual((await readdir(folder, { recursive: true })).sort(), ['T', 'T/a', 'T/sub', 'T/sub/b'])
})

test('a corrupt piece is told from the right ones in its buffer and not written', async (t) => {
  const torrent = sampleTorrent([{ path: 'f', length: 64 }], 16)
  const storage = scratchStorage(t, torrent, await scratchFolder(t))
  await storage.prepare()
  const { buffer, pieces } = buffered(torrent, [0, 1, 2, 3])
  new Uint8Array(buffer)[20]! ^= 1
  const answer = await storage.storePieces(buffer, pieces)
  assert.deepEqual(answer.verdicts, ['stored', 'corrupt', 'stored', 'stored'])
  const written = new Uint8Array(await readFile(storage.filePath(0)))
  const expected = fileOf(torrent, 0).slice()
  expected.fill(0, 16, 32)
  assert.deepEqual(written, expected)
  assert.equal((await storage.verifyExisting()).count, 3)
})

test('unselected files are not made, yet a second run finds the pieces at their edges', async (t) => {
  const files = ['a', 'b', 'c'].map((name) => ({ path: `T/${name}`, length: 40 }))
  const torrent = sampleTorrent(files, 16)
  const folder = await scratchFolder(t)
  const selected = (fileIndex: number) => fileIndex === 1
  const first = scratchStorage(t, torrent, folder, { selected })
  await first.prepare()
  await storeAll(first, torrent, [2, 3, 4].map(piece))
  assert.equal(await first.verifyPiece(piece(2)), 'stored')
  await first.close()
  const parts = join(folder, `.${torrent.metainfo.infoHash.hex}.parts`)
  assert.ok(await exists(parts))

  const second = scratchStorage(t, torrent, folder, { selected })
  const found = await second.verifyExisting()
  assert.deepEqual(
    allPieces(torrent).filter((index) => found.has(index)),
    [2, 3, 4],
  )
  await second.finish()
  assert.deepEqual(await readdir(folder), ['T'])
  assert.deepEqual(await readdir(join(folder, 'T')), ['b'])
  assert.deepEqual(new Uint8Array(await readFile(second.filePath(1))), fileOf(torrent, 1))
})

test('padding and symlinks are never made, and padding reads back as zeros', async (t) => {
  const torrent = sampleTorrent(
    [
      { path: 'T/a', length: 10 },
      { path: 'T/.pad/6', length: 6, kind: 'padding' },
      { path: 'T/b', length: 16 },
      { path: 'T/link', length: 0, kind: 'symlink' },
    ],
    16,
  )
  const folder = await scratchFolder(t)
  const storage = scratchStorage(t, torrent, folder)
  await storage.prepare()
  await storeAll(storage, torrent)
  assert.ok((await storage.verifyExisting()).isFull)
  assert.equal(await storage.verifyPiece(piece(0)), 'stored')
  await storage.finish()
  assert.deepEqual((await readdir(join(folder, 'T'))).sort(), ['a', 'b'])
})

test('full allocation takes the space at once and keeps what is there', async (t) => {
  const torrent = sampleTorrent(
    [
      { path: 'a', length: 100 },
      { path: 'b', length: 60 },
    ],
    16,
  )
  const storage = scratchStorage(t, torrent, await scratchFolder(t), { allocate: 'full' })
  await writeFile(storage.filePath(0), fileOf(torrent, 0).subarray(0, 32))
  const progress: number[][] = []
  await storage.prepare((...bytes) => progress.push(bytes))
  assert.deepEqual(progress.at(-1), [128, 128])
  assert.equal((await stat(storage.filePath(0))).size, 100)
  assert.equal((await stat(storage.filePath(1))).size, 60)
  assert.equal((await storage.verifyExisting()).count, 2)
})

test('a large piece is written in parts and verified from disk', async (t) => {
  const torrent = sampleTorrent(
    [
      { path: 'a', length: 70_000 },
      { path: 'b', length: 60_000 },
    ],
    100_000,
  )
  const storage = scratchStorage(t, torrent, await scratchFolder(t))
  await storage.prepare()
  const bytes = pieceOf(torrent.content, torrent.metainfo.geometry, 0)
  let buffer = new ArrayBuffer(40_000)
  for (let begin = 0; begin < bytes.length; begin += 30_000) {
    const part = bytes.subarray(begin, begin + 30_000)
    new Uint8Array(buffer).set(part, 5_000)
    buffer = await storage.writePart(buffer, { index: piece(0), begin, offset: 5_000, length: part.length })
  }
  assert.equal(await storage.verifyPiece(piece(0)), 'stored')
  assert.equal(await storage.verifyPiece(piece(1)), 'corrupt')
  const handle = await open(storage.filePath(0), 'r+')
  await handle.write('!', 69_999)
  await handle.close()
  assert.equal(await storage.verifyPiece(piece(0)), 'corrupt')
})

test('a piece of thousands of tiny files needs no more open files than allowed', async (t) => {
  const files = Array.from({ length: 3_000 }, (_, nth) => ({ path: `T/${nth % 7}/${nth}`, length: nth % 4 }))
  const torrent = sampleTorrent(files, 1_000_000)
  const handles = new HandleCache(8)
  t.after(() => handles.close())
  const storage = scratchStorage(t, torrent, await scratchFolder(t), { handles })
  await storage.prepare()
  const { buffer, pieces } = buffered(torrent, [0])
  new Uint8Array(buffer)[0]! ^= 1
  const answer = await storage.storePieces(buffer, pieces)
  assert.deepEqual(answer.verdicts, ['corrupt'])
  new Uint8Array(answer.buffer)[0]! ^= 1
  const again = await storage.storePieces(answer.buffer, pieces)
  assert.deepEqual(again.verdicts, ['stored'])
  assert.equal(await storage.verifyPiece(piece(0)), 'stored')
  await storage.finish()
  for (const nth of [0, 1, 2, 3, 1_499, 2_998, 2_999]) {
    assert.deepEqual(new Uint8Array(await readFile(storage.filePath(nth))), fileOf(torrent, nth))
  }
})

test('a fresh download of very many files has nothing to check', async (t) => {
  const files = Array.from({ length: 20_000 }, (_, nth) => ({ path: `T/${nth % 100}/${nth}`, length: 3 }))
  const torrent = sampleTorrent(files, 16_384)
  const folder = await scratchFolder(t)
  await mkdir(join(folder, 'T', '7'), { recursive: true })
  const storage = scratchStorage(t, torrent, folder)
  let calls = 0
  const found = await storage.verifyExisting({ onProgress: () => calls++ })
  assert.equal(found.count, 0)
  assert.equal(calls, 0)
})

test('of what is there some pieces can be checked alone', async (t) => {
  const torrent = sampleTorrent(
    [
      { path: 'a', length: 40 },
      { path: 'b', length: 40 },
    ],
    16,
  )
  const storage = scratchStorage(t, torrent, await scratchFolder(t))
  await storage.prepare()
  await storeAll(storage, torrent, [0, 1, 3, 4].map(piece))
  const only = new Bitfield(5)
  for (const index of [1, 2, 4]) only.set(index)
  const progress: number[][] = []
  const found = await storage.verifyExisting({ only, onProgress: (...bytes) => progress.push(bytes) })
  assert.deepEqual(
    allPieces(torrent).filter((index) => found.has(index)),
    [1, 4],
  )
  assert.deepEqual(progress, [[32, 32]], 'the end of the first file is not there')
})

test('a folder that was removed while in use is made again once its files were checked', async (t) => {
  const torrent = sampleTorrent([{ path: 'T/sub/f', length: 40 }], 16)
  const folder = await scratchFolder(t)
  const handles = new HandleCache()
  const storage = scratchStorage(t, torrent, folder, { handles })
  await storage.prepare()
  await storeAll(storage, torrent)
  await handles.discard(() => true)
  await rm(join(folder, 'T'), { recursive: true })
  assert.equal((await storage.verifyExisting()).count, 0)
  await storeAll(storage, torrent)
  assert.ok((await storage.verifyExisting()).isFull)
})

test('checking what is there can be stopped', async (t) => {
  const torrent = sampleTorrent([{ path: 'f', length: 1_000_000 }], 16_384)
  const storage = scratchStorage(t, torrent, await scratchFolder(t))
  await writeFile(storage.filePath(0), torrent.content)
  const reason = new Error('enough')
  await assert.rejects(storage.verifyExisting({ signal: AbortSignal.abort(reason) }), reason)
})

test('a symlink in the place of a file or on the way to it stops reading and writing', async (t) => {
  const torrent = sampleTorrent([{ path: 'T/sub/f', length: 10 }], 16)
  for (const link of ['T', 'T/sub', 'T/sub/f']) {
    const base = await scratchFolder(t)
    await mkdir(join(base, 'secret', 'sub'), { recursive: true })
    await mkdir(join(base, 'out', link, '..'), { recursive: true })
    await symlink(join(base, 'secret', link === 'T/sub/f' ? 'f' : ''), join(base, 'out', link))
    const storage = scratchStorage(t, torrent, join(base, 'out'))
    await storage.prepare()
    await assert.rejects(storage.verifyExisting(), withCode('UNSAFE_PATH'), link)
    await assert.rejects(storeAll(storage, torrent), withCode('UNSAFE_PATH'), link)
    assert.deepEqual(await readdir(join(base, 'secret'), { recursive: true }), ['sub'])
  }
})

test('closing waits for what is in flight, lets go of the files and refuses what comes later', async (t) => {
  const torrent = sampleTorrent([{ path: 'f', length: 1_000_000 }], 16_384)
  const handles = new HandleCache(8)
  const pool = scratchPool(t)
  const storage = scratchStorage(t, torrent, await scratchFolder(t), { handles, pool })
  await storage.prepare()
  let isStored = false
  const storing = storeAll(storage, torrent).then(() => {
    isStored = true
  })
  await storage.close()
  assert.ok(isStored)
  await storing
  await assert.rejects(storeAll(storage, torrent), withCode('CLOSED'))
  await assert.rejects(storage.verifyExisting(), withCode('CLOSED'))
  await storage.close()
  assert.deepEqual(new Uint8Array(await readFile(storage.filePath(0))), torrent.content)
})
