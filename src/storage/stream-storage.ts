/**
 * One selected file to a stream, in order.
 */
import type { Writable } from 'node:stream'
import type { Bitfield } from '../core/bitfield.js'
import type { PieceIndex } from '../core/geometry.js'
import type { PiecePool } from './piece-pool.js'
import type { BufferedPart, BufferedPiece, PieceStore, StoredPieces } from './piece-store.js'
import type { Verdict } from './piece-tasks.js'
import type { StoredMetainfo } from './torrent-storage.js'

export interface StreamStorageOptions {
  readonly metainfo: StoredMetainfo
  /** The one file that goes out. */
  readonly fileIndex: number
  /** Not ended here: `finish()` only waits until it has taken everything. */
  readonly output: Writable
  /** Shared with other torrents; not closed here. */
  readonly pool: PiecePool
}

export class StreamStorage implements PieceStore {
  constructor(readonly options: StreamStorageOptions) {}

  prepare(): Promise<void> {
    throw new Error('not yet')
  }
  verifyExisting(): Promise<Bitfield> {
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
