import assert from 'node:assert/strict'
import type { FileHandle } from 'node:fs/promises'
import { type TestContext, test } from 'node:test'
import { Bitfield } from '../../src/core/bitfield.js'
import { makeDurable } from '../../src/storage/durability.js'
import { HandleCache, type Lease, type Openable } from '../../src/storage/handle-cache.js'
import { OutputFile } from '../../src/storage/output-file.js'
import { OutputFolder } from '../../src/storage/output-folder.js'
import { PiecePool } from '../../src/storage/piece-pool.js'
import {
  buffered,
  sampleTorrent,
  scratchFolder,
  scratchPool,
  scratchStorage,
  storeAll,
} from './sample-torrent.js'

const DISK_FULL = { code: 'DISK_FULL' }

/** Files of a disk that loses what is written, and says so as systems do: once for each open file. */
class LosingHandles extends HandleCache {
  readonly #seen = new WeakSet<FileHandle>()

  constructor(t: TestContext) {
    super()
    t.after(() => this.close())
  }

  override async lease(files: readonly Openable[]): Promise<Lease> {
    const lease = await super.lease(files)
    for (const handle of lease.handles) if (!this.#seen.has(handle)) refuseOnce(handle)
    for (const handle of lease.handles) this.#seen.add(handle)
    return lease
  }
}

function refuseOnce(handle: FileHandle): void {
  const datasync = handle.datasync.bind(handle)
  handle.datasync = async () => {
    handle.datasync = datasync
    throw Object.assign(new Error('no space left'), { code: 'ENOSPC' })
  }
}

test('what the disk has lost stays lost, though it tells of it once', async (t) => {
  const tools = { handles: new LosingHandles(t), pool: scratchPool(t) }
  const folder = new OutputFolder(await scratchFolder(t))
  await folder.prepare()
  const file = new OutputFile(folder, ['f'])
  await assert.rejects(makeDurable([file], tools), DISK_FULL)
  await assert.rejects(makeDurable([file], tools), DISK_FULL)
})

test('so it does with many files, which threads make durable', async (t) => {
  const pool = new PiecePool({ maxThreads: 1, worker: new URL('./losing-worker.js', import.meta.url) })
  t.after(() => pool.close())
  const tools = { handles: new LosingHandles(t), pool }
  const folder = new OutputFolder(await scratchFolder(t))
  const files = Array.from({ length: 65 }, (_, nth) => new OutputFile(folder, [`${nth}`]))
  await assert.rejects(makeDurable(files, tools), { ...DISK_FULL, path: files[2]!.path })
  await assert.rejects(makeDurable(files, tools), { ...DISK_FULL, path: files[2]!.path })
})

test('a file that has lost something takes no more pieces', async (t) => {
  const torrent = sampleTorrent([{ path: 'f', length: 32 }], 16)
  const storage = scratchStorage(t, torrent, await scratchFolder(t), { handles: new LosingHandles(t) })
  await storage.prepare()
  const store = (index: number) => {
    const { buffer, pieces } = buffered(torrent, [index])
    return storage.storePieces(buffer, pieces)
  }
  await store(0)
  const state = { have: new Bitfield(2), uploadedBytes: 0, downloadedBytes: 0, isClean: false }
  await assert.rejects(storage.saveResume(state), DISK_FULL)
  await assert.rejects(store(1), DISK_FULL)
  await assert.rejects(storage.saveResume(state), DISK_FULL)
})

test('a complete file that has lost something is not called complete', async (t) => {
  const torrent = sampleTorrent([{ path: 'f', length: 32 }], 16)
  const storage = scratchStorage(t, torrent, await scratchFolder(t), { handles: new LosingHandles(t) })
  await storage.prepare()
  await storeAll(storage, torrent)
  const state = { have: new Bitfield(2), uploadedBytes: 0, downloadedBytes: 0, isClean: false }
  await assert.rejects(storage.saveResume(state), DISK_FULL)
  await assert.rejects(storage.finish(), DISK_FULL)
})
