import assert from 'node:assert/strict'
import { readdir, readFile, rename, stat, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { Bitfield } from '../../src/core/bitfield.js'
import { StorageError } from '../../src/core/errors.js'
import { HandleCache } from '../../src/storage/handle-cache.js'
import { fileOf, sampleTorrent, scratchFolder, scratchStorage, storeAll } from './sample-torrent.js'

test('nothing is made on disk before the first piece, and empty files only at the end', async (t) => {
  const torrent = sampleTorrent(
    [
      { path: 'T/empty', length: 0 },
      { path: 'T/a', length: 10 },
    ],
    16,
  )
  const folder = await scratchFolder(t)
  const storage = scratchStorage(t, torrent, folder)
  await storage.prepare()
  assert.deepEqual(await readdir(folder), [])
  await storeAll(storage, torrent)
  assert.deepEqual(await readdir(join(folder, 'T')), ['a'])
  await storage.finish()
  assert.equal((await stat(join(folder, 'T', 'empty'))).size, 0)
})

test('a file longer than it should be is cut to its length at the end, and not before', async (t) => {
  const torrent = sampleTorrent([{ path: 'f', length: 50 }], 16)
  const storage = scratchStorage(t, torrent, await scratchFolder(t))
  await writeFile(storage.filePath(0), Buffer.concat([fileOf(torrent, 0), Buffer.from('more')]))
  assert.ok((await storage.verifyExisting()).isFull)
  assert.equal((await stat(storage.filePath(0))).size, 54)
  await storage.finish()
  assert.deepEqual(new Uint8Array(await readFile(storage.filePath(0))), fileOf(torrent, 0))
})

test('complete data is finished without opening a file to write', async (t) => {
  const torrent = sampleTorrent(
    [
      { path: 'T/x', length: 20, kind: 'executable' },
      { path: 'T/empty', length: 0 },
    ],
    16,
  )
  const folder = await scratchFolder(t)
  const first = scratchStorage(t, torrent, folder)
  await first.prepare()
  await storeAll(first, torrent)
  await first.finish()
  const handles = new HandleCache()
  await handles.close()
  const second = scratchStorage(t, torrent, folder, { handles })
  assert.ok((await second.verifyExisting()).isFull)
  await second.finish()
})

test('a file that lost its end while in use is not called complete', async (t) => {
  const torrent = sampleTorrent([{ path: 'f', length: 50 }], 16)
  const storage = scratchStorage(t, torrent, await scratchFolder(t))
  await storage.prepare()
  await storeAll(storage, torrent)
  await truncate(storage.filePath(0), 20)
  await assert.rejects(
    storage.finish(),
    (error: unknown) =>
      error instanceof StorageError && error.code === 'IO_ERROR' && error.path === storage.filePath(0),
  )
})

test('hundreds of files are made durable, and one that became something else is told by its name', async (t) => {
  const files = Array.from({ length: 300 }, (_, nth) => ({ path: `T/${nth}`, length: 7 }))
  const torrent = sampleTorrent(files, 64)
  const storage = scratchStorage(t, torrent, await scratchFolder(t))
  await storage.prepare()
  await storeAll(storage, torrent)
  const path = storage.filePath(150)
  await rename(path, `${path}.real`)
  await symlink('150.real', path)
  const have = new Bitfield(torrent.metainfo.geometry.pieceCount)
  const state = { have, uploadedBytes: 0, downloadedBytes: 0, isClean: false }
  const isTold = (error: unknown) =>
    error instanceof StorageError && error.code === 'UNSAFE_PATH' && error.path === path
  await assert.rejects(storage.saveResume(state), isTold)
  await rename(`${path}.real`, path)
  await storage.saveResume(state)
  await storage.finish()
  for (const nth of [0, 150, 299]) {
    assert.deepEqual(new Uint8Array(await readFile(storage.filePath(nth))), fileOf(torrent, nth))
  }
})

test('executables may be executed by whoever may read them', async (t) => {
  const torrent = sampleTorrent(
    [
      { path: 'T/x', length: 5, kind: 'executable' },
      { path: 'T/y', length: 5 },
    ],
    16,
  )
  const storage = scratchStorage(t, torrent, await scratchFolder(t))
  await storage.prepare()
  await storeAll(storage, torrent)
  await storage.finish()
  const modes = await Promise.all([0, 1].map(async (nth) => (await stat(storage.filePath(nth))).mode & 0o777))
  const [executable, plain] = modes
  assert.equal(executable, plain! | ((plain! & 0o444) >> 2))
  assert.equal(plain! & 0o111, 0)
})
