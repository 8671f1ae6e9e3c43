/** Compares what is on disk with a .torrent, downloads nothing and writes nothing. */
import { resolve } from 'node:path'
import { DEFAULTS } from '../config.js'
import type { Bitfield } from '../core/bitfield.js'
import type { PieceIndex } from '../core/geometry.js'
import { loadTorrent } from '../discovery/load-torrent.js'
import type { Metainfo } from '../metainfo/metainfo.js'
import { parseMetainfo } from '../metainfo/parse-metainfo.js'
import { HandleCache } from '../storage/handle-cache.js'
import { PiecePool } from '../storage/piece-pool.js'
import { ABSENT } from '../storage/piece-tasks.js'
import { TorrentStorage } from '../storage/torrent-storage.js'
import type { TorrentSource } from './options.js'
import { Selection } from './selection.js'

export interface VerifyTorrentOptions {
  /** As in TorrentOptions. */
  readonly select?: readonly (string | number)[]
  /** Threads that read and hash. */
  readonly workers?: number
  readonly signal?: AbortSignal
  readonly onProgress?: (checkedBytes: number, bytesToCheck: number) => void
}

/** Counts concern the selected files. */
export interface VerifyReport {
  readonly infoHash: string
  readonly name: string
  readonly totalBytes: number
  readonly verifiedBytes: number
  readonly pieceCount: number
  readonly verifiedPieces: number
  readonly files: readonly VerifiedFile[]
  /** Every byte is verified, and every file there and no longer than it should be. */
  readonly complete: boolean
}

export interface VerifiedFile {
  /** Below the folder, joined by `/`. */
  readonly path: string
  readonly length: number
  /** Bytes of it that lie in verified pieces. */
  readonly verifiedBytes: number
  /** Null when it is not there. */
  readonly lengthOnDisk: number | null
}

/** Rejects with SourceError, MetainfoError, OptionError, StorageError, or the signal's reason. */
export async function verifyTorrent(
  source: TorrentSource,
  folder: string,
  options: VerifyTorrentOptions = {},
): Promise<VerifyReport> {
  const { signal, onProgress } = options
  const metainfo = parseMetainfo(await loadTorrent(source, signal === undefined ? {} : { signal }))
  const selection = await Selection.of(metainfo, options.select)
  const pool = new PiecePool({ maxThreads: options.workers ?? DEFAULTS.workers })
  const handles = new HandleCache()
  const store = new TorrentStorage({
    metainfo,
    folder: resolve(folder),
    selected: (fileIndex) => selection.has(fileIndex),
    allocate: 'sparse',
    pool,
    handles,
  })
  try {
    const have = await store.verifyExisting({
      ...(signal === undefined ? {} : { signal }),
      ...(onProgress === undefined ? {} : { onProgress }),
    })
    const lengths = await store.lengthsOnDisk([...selection.fileIndices()])
    return report(metainfo, selection, { have, lengths })
  } finally {
    await store.close()
    await pool.close()
    await handles.close()
  }
}

interface Findings {
  readonly have: Bitfield
  /** By the place of the file in the metainfo. */
  readonly lengths: ReadonlyMap<number, number>
}

function report(metainfo: Metainfo, selection: Selection, { have, lengths }: Findings): VerifyReport {
  const files = [...selection.fileIndices()].map((fileIndex): VerifiedFile => {
    const { path, length } = metainfo.files[fileIndex]!
    const verifiedBytes = verifiedBytesOf(metainfo, fileIndex, have)
    const found = lengths.get(fileIndex)!
    return { path: path.join('/'), length, verifiedBytes, lengthOnDisk: found === ABSENT ? null : found }
  })
  return {
    infoHash: metainfo.infoHash.hex,
    name: metainfo.name,
    totalBytes: selection.totalBytes,
    verifiedBytes: files.reduce((sum, file) => sum + file.verifiedBytes, 0),
    pieceCount: selection.pieces.count,
    verifiedPieces: have.count,
    files,
    complete: files.every(isWhole),
  }
}

function isWhole({ length, verifiedBytes, lengthOnDisk }: VerifiedFile): boolean {
  return verifiedBytes === length && lengthOnDisk === length
}

function verifiedBytesOf(metainfo: Metainfo, fileIndex: number, have: Bitfield): number {
  const { geometry } = metainfo
  const file = metainfo.files[fileIndex]!
  const { first, end } = geometry.piecesOfFile(fileIndex)
  let bytes = 0
  for (let index = first as PieceIndex; index < end; index++) {
    if (!have.has(index)) continue
    const from = Math.max(geometry.pieceOffset(index), file.offset)
    const to = Math.min(geometry.pieceOffset(index) + geometry.pieceBytes(index), file.offset + file.length)
    bytes += to - from
  }
  return bytes
}
