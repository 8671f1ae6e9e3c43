/** Torrents of known content for tests, made in memory, and a place on disk for each. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { access, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { Geometry, type PieceIndex } from '../../src/core/geometry.js'
import type { MetainfoFile } from '../../src/metainfo/metainfo.js'
import { HandleCache } from '../../src/storage/handle-cache.js'
import { PiecePool } from '../../src/storage/piece-pool.js'
import type { BufferedPiece } from '../../src/storage/piece-store.js'
import type { StoredMetainfo } from '../../src/storage/stored-metainfo.js'
import { TorrentStorage, type TorrentStorageOptions } from '../../src/storage/torrent-storage.js'

export interface SampleFile {
  readonly path: string
  readonly length: number
  readonly kind?: 'padding' | 'executable' | 'symlink'
}

export interface SampleTorrent {
  readonly metainfo: StoredMetainfo
  /** The whole byte space; padding is zeros. */
  readonly content: Uint8Array
}

export function sampleTorrent(files: readonly SampleFile[], pieceLength: number): SampleTorrent {
  let offset = 0
  const placed = files.map((file): MetainfoFile => {
    const { kind } = file
    const flags = {
      isPadding: kind === 'padding',
      isExecutable: kind === 'executable',
      isSymlink: kind === 'symlink',
    }
    const path = file.path.split('/')
    const place = { path, webPath: path, length: file.length, offset, ...flags }
    offset += file.length
    return place
  })
  const content = Uint8Array.from(
    { length: offset },
    (_, at) => (Math.imul(at + 1, 2654435761) >>> 13) & 0xff,
  )
  for (const file of placed) if (file.isPadding) content.fill(0, file.offset, file.offset + file.length)
  const geometry = new Geometry(offset, pieceLength, placed)
  const hashes = Array.from({ length: geometry.pieceCount }, (_, index) =>
    createHash('sha1')
      .update(pieceOf(content, geometry, index))
      .digest(),
  )
  const infoBytes = createHash('sha1').update(JSON.stringify(files)).digest()
  const infoHash = { hex: infoBytes.toString('hex'), bytes: infoBytes }
  return { metainfo: { geometry, files: placed, pieceHashes: Buffer.concat(hashes), infoHash }, content }
}

/** A view of one piece. */
export function pieceOf(content: Uint8Array, geometry: Geometry, index: number): Uint8Array {
  const start = geometry.pieceOffset(index as PieceIndex)
  return content.subarray(start, start + geometry.pieceBytes(index as PieceIndex))
}

/** A view of one file. */
export function fileOf({ metainfo, content }: SampleTorrent, fileIndex: number): Uint8Array {
  const { offset, length } = metainfo.files[fileIndex]!
  return content.subarray(offset, offset + length)
}

/** A buffer of its own with the pieces one after another, and where each lies. */
export function buffered(
  { metainfo, content }: SampleTorrent,
  pieces: readonly number[],
): { buffer: ArrayBuffer; pieces: BufferedPiece[] } {
  let length = 0
  const places = pieces.map((index) => {
    const offset = length
    length += metainfo.geometry.pieceBytes(index as PieceIndex)
    return { index: index as PieceIndex, offset }
  })
  const buffer = new ArrayBuffer(length)
  for (const { index, offset } of places) {
    new Uint8Array(buffer).set(pieceOf(content, metainfo.geometry, index), offset)
  }
  return { buffer, pieces: places }
}

export function allPieces({ metainfo }: SampleTorrent): PieceIndex[] {
  return Array.from({ length: metainfo.geometry.pieceCount }, (_, index) => index as PieceIndex)
}

/** A folder that goes away with the test. */
export async function scratchFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'swarmfetch-test-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A pool that ends with the test. */
export function scratchPool(t: TestContext, maxThreads = 1): PiecePool {
  const pool = new PiecePool({ maxThreads })
  t.after(() => pool.close())
  return pool
}

export type StorageChoices = Partial<Omit<TorrentStorageOptions, 'metainfo' | 'folder'>>

/**
 * A storage that is closed with the test; everything selected and a pool of its own unless chosen otherwise.
 */
export function scratchStorage(
  t: TestContext,
  torrent: SampleTorrent,
  folder: string,
  choices: StorageChoices = {},
): TorrentStorage {
  const storage = new TorrentStorage({
    metainfo: torrent.metainfo,
    folder,
    selected: () => true,
    allocate: 'sparse',
    ...choices,
    handles: choices.handles ?? new HandleCache(),
    pool: choices.pool ?? scratchPool(t),
  })
  t.after(() => storage.close())
  return storage
}

/** Stores pieces in one call, every one of which must be right. */
export async function storeAll(
  storage: TorrentStorage,
  torrent: SampleTorrent,
  indices = allPieces(torrent),
): Promise<void> {
  const { buffer, pieces } = buffered(torrent, indices)
  const { verdicts } = await storage.storePieces(buffer, pieces)
  assert.ok(verdicts.every((verdict) => verdict === 'stored'))
}

export async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  )
}
