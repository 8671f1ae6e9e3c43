/** Makes a .torrent of a file or a folder. The payload is only read. */
import { basename, resolve } from 'node:path'
import { LIMITS } from '../config.js'
import { OptionError, StorageError } from '../core/errors.js'
import { Geometry } from '../core/geometry.js'
import { choosePieceLength } from '../metainfo/choose-piece-length.js'
import { encodeMetainfo } from '../metainfo/encode-metainfo.js'
import { magnetLink } from '../metainfo/magnet-link.js'
import { parseMetainfo } from '../metainfo/parse-metainfo.js'
import { digestFiles } from '../storage/digest-files.js'
import { type ListedFile, type ListedTree, type ListOptions, listTree } from '../storage/list-tree.js'
import { PiecePool } from '../storage/piece-pool.js'
import { type CheckedCreateOptions, type CreateTorrentOptions, checkCreateOptions } from './create-options.js'
import { excludes } from './excludes.js'

export interface CreatedTorrent {
  /** The .torrent. */
  readonly torrent: Uint8Array
  /** 40 lower-case hex digits. */
  readonly infoHash: string
  readonly magnet: string
  readonly name: string
  readonly totalBytes: number
  /** In bytes. */
  readonly pieceLength: number
  readonly pieceCount: number
  readonly fileCount: number
  /** Files whose names are no good on every system: downloads write them under others. */
  readonly renamedFiles: readonly RenamedFile[]
}

export interface RenamedFile {
  /** Below the folder that holds the payload, joined by `/`; as it is, and as it will be. */
  readonly path: string
  readonly downloadedAs: string
}

/**
 * Hashes the payload and describes it. The same files and options give the same info hash, which is that of
 * mktorrent. Rejects with OptionError, with StorageError (`FILE_CHANGED` when the payload changes meanwhile),
 * with MetainfoError for more files than a torrent can hold, or with the signal's reason.
 */
export async function createTorrent(
  path: string,
  options: CreateTorrentOptions = {},
): Promise<CreatedTorrent> {
  const checked = checkCreateOptions(options)
  const top = resolve(path)
  const pool = new PiecePool({ minThreads: checked.workers, maxThreads: checked.workers })
  const throwIfStopped = () => options.signal?.throwIfAborted()
  try {
    const listing = { pool, isExcluded: await excludes(checked.exclude), throwIfStopped }
    const tree = await listTree(top, listing)
    const draft = new Draft(basename(top), tree, checked)
    draft.expectSharable()
    const { onProgress = () => {} } = options
    const hashes = await digestFiles(
      draft.geometry,
      tree.files.map((file) => file.location),
      { pool, throwIfStopped, onProgress },
    )
    await expectUnchanged(top, tree, listing)
    return describe(draft.encode(hashes), tree, basename(top))
  } finally {
    await pool.close()
  }
}

/** All that is known before the hashes. */
class Draft {
  readonly geometry: Geometry
  readonly #name: string
  readonly #tree: ListedTree
  readonly #options: CheckedCreateOptions

  constructor(name: string, tree: ListedTree, options: CheckedCreateOptions) {
    this.#name = name
    this.#tree = tree
    this.#options = options
    let totalBytes = 0
    const extents = tree.files.map(({ length }) => {
      totalBytes += length
      return { offset: totalBytes - length, length }
    })
    this.geometry = new Geometry(totalBytes, options.pieceLength ?? choosePieceLength(totalBytes), extents)
  }

  /** Says before the hashing what the reader of the .torrent would say after it. */
  expectSharable(): void {
    if (this.geometry.totalBytes === 0) {
      throw new OptionError('NOTHING_SELECTED', `${this.#name}: there are no bytes to share`)
    }
    const { pieceCount, pieceLength } = this.geometry
    if (pieceCount * SHA1_BYTES > LIMITS.torrentFileBytes) {
      throw new OptionError(
        'BAD_OPTION',
        `pieceLength: ${pieceLength} bytes make ${pieceCount} pieces, too many`,
      )
    }
    const metainfo = parseMetainfo(this.encode(new Uint8Array(pieceCount * SHA1_BYTES)))
    const padding = metainfo.files.findIndex((file) => file.isPadding)
    if (padding === -1) return
    const { location } = this.#tree.files[padding]!
    throw new StorageError('BAD_NAME', `${location}: downloads would take it for padding`, location)
  }

  encode(pieceHashes: Uint8Array): Uint8Array {
    return encodeMetainfo({
      ...this.#options,
      name: this.#name,
      payload: this.#tree.isFolder ? this.#tree.files : this.geometry.totalBytes,
      pieceLength: this.geometry.pieceLength,
      pieceHashes,
    })
  }
}

const SHA1_BYTES = 20

/** A torrent of files that never were on disk together is of no use to anybody. */
async function expectUnchanged(top: string, before: ListedTree, listing: ListOptions): Promise<void> {
  const after = await listTree(top, listing)
  const count = Math.max(before.files.length, after.files.length)
  for (let nth = 0; nth < count; nth++) {
    const [was, is] = [before.files[nth], after.files[nth]]
    if (was !== undefined && is !== undefined && isSame(was, is)) continue
    const { location } = (was ?? is)!
    throw new StorageError('FILE_CHANGED', `${location}: changed while the files were hashed`, location)
  }
}

function isSame(was: ListedFile, is: ListedFile): boolean {
  return was.location === is.location && was.length === is.length && was.modifiedMs === is.modifiedMs
}

function describe(torrent: Uint8Array, tree: ListedTree, topName: string): CreatedTorrent {
  const metainfo = parseMetainfo(torrent)
  const { infoHash, name, geometry, files } = metainfo
  return {
    torrent,
    infoHash: infoHash.hex,
    magnet: magnetLink(metainfo),
    name,
    totalBytes: geometry.totalBytes,
    pieceLength: geometry.pieceLength,
    pieceCount: geometry.pieceCount,
    fileCount: files.length,
    renamedFiles: files.flatMap((file, place) => {
      const path = [topName, ...tree.files[place]!.path].join('/')
      const downloadedAs = file.path.join('/')
      return path === downloadedAs ? [] : [{ path, downloadedAs }]
    }),
  }
}
