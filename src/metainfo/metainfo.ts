/**
 * What a .torrent says, checked and cleaned. Everything here may be trusted: `parseMetainfo` is the only
 * maker, and nothing that failed a check gets this far.
 */
import type { Geometry } from '../core/geometry.js'

/** Names a torrent. An object, so that v2 hashes (BEP 52) can join without touching its users. */
export interface InfoHash {
  /** SHA-1 over the original bytes of the info dict (BEP 3), 40 lower-case hex digits. */
  readonly hex: string
  /** The same, 20 bytes. */
  readonly bytes: Uint8Array
}

export interface MetainfoFile {
  /**
   * Cleaned path components below the output folder, the torrent's name first when it has a list of files:
   * safe to join and create. The last is the file's name. Files that are written have distinct paths, even
   * where case does not count; padding and symlinks, which are not, may share theirs.
   */
  readonly path: readonly string[]
  /** The same as the metainfo has it, not cleaned: what web servers know it by, and nothing to open a file with. */
  readonly webPath: readonly string[]
  /** In bytes; may be 0. */
  readonly length: number
  /** Bytes before it in the torrent's byte space. */
  readonly offset: number
  /** BEP 47 padding: part of the byte space, all zeros, never written. */
  readonly isPadding: boolean
  /** BEP 47 attribute `x`. */
  readonly isExecutable: boolean
  /** BEP 47 symlink: never created, never written. */
  readonly isSymlink: boolean
}

/** A DHT node that the metainfo suggests (BEP 5). */
export interface NodeAddress {
  readonly host: string
  readonly port: number
}

export interface Metainfo {
  readonly infoHash: InfoHash
  /** Cleaned; the name of the single file, or of the folder that holds the files. */
  readonly name: string
  /** Piece, block and file arithmetic; its file indices are those of `files`. */
  readonly geometry: Geometry
  /** SHA-1 of each piece, 20 bytes a piece, in order. */
  readonly pieceHashes: Uint8Array
  /** In the order of the metainfo, padding and symlinks included. */
  readonly files: readonly MetainfoFile[]
  /** BEP 27. */
  readonly isPrivate: boolean
  /** Tracker URLs by tier (BEP 12); one tier of one when there is only `announce`. No duplicates, no empty tiers. */
  readonly trackers: readonly (readonly string[])[]
  /** BEP 19, http and https only. */
  readonly webSeeds: readonly string[]
  /** BEP 17, http and https only. */
  readonly httpSeeds: readonly string[]
  readonly nodes: readonly NodeAddress[]
  readonly comment: string | undefined
  readonly createdBy: string | undefined
  /** Seconds since 1970, as the maker claims. */
  readonly createdAtSeconds: number | undefined
  /** The original bytes of the info dict. */
  readonly infoBytes: Uint8Array
}
