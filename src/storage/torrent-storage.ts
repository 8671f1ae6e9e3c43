/**
 * A torrent's files on disk.
 */
import type { Bitfield } from '../core/bitfield.js'
import type { PieceIndex } from '../core/geometry.js'
import type { Metainfo } from '../metainfo/metainfo.js'
import type { HandleCache } from './handle-cache.js'
import type { PiecePool } from './piece-pool.js'
import type { BufferedPart, BufferedPiece, PieceStore, StoredPieces, VerifyOptions } from './piece-store.js'
import type { Verdict } from './piece-tasks.js'

/** What storage needs to know of a torrent. */
export type StoredMetainfo = Pick<Metainfo, 'geometry' | 'files' | 'pieceHashes' | 'infoHash'>

export interface TorrentStorageOptions {
  readonly metainfo: StoredMetainfo
  /** The output folder. Nothing outside it is ever touched. */
  readonly folder: string
  readonly selected: (fileIndex: number) => boolean
  /** `sparse`: files grow as pieces come. `full`: their space is taken in `prepare()`. */
  readonly allocate: 'sparse' | 'full'
  /** Shared with other torrents; not closed here. */
  readonly pool: PiecePool
  /** Shared with other torrents; not closed here. */
  readonly handles: HandleCache
}

export class TorrentStorage implements PieceStore {
  constructor(readonly options: TorrentStorageOptions) {}

  prepare(_onProgress?: (allocatedBytes: number, bytesToAllocate: number) => void): Promise<void> {
    throw new Error('not yet')
  }
  verifyExisting(_options?: VerifyOptions): Promise<Bitfield> {
    throw new Error('not yet')
  }
  storePieces(_buffer: ArrayBuffer, _pieces: readonly BufferedPiece[]): Promise<StoredPieces> {
    throw new Error('not yet')
  }
  writePart(_buffer: ArrayBuffer, _part: BufferedPart): Promise<ArrayBuffer> {
    throw new Error('not yet')
  }
  verifyPiece(_index: PieceIndex): Promise<Verdict> {
    throw new Error('not yet')
  }
  finish(): Promise<void> {
    throw new Error('not yet')
  }
  close(): Promise<void> {
    throw new Error('not yet')
  }
}
