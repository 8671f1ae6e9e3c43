import type { Metainfo } from './metainfo.js'

/** What `show --json` prints: plain values, and names that stay as they are. */
export interface MetainfoDescription {
  /** 40 lower-case hex digits. */
  readonly infoHash: string
  readonly name: string
  /** In bytes. */
  readonly pieceLength: number
  readonly pieceCount: number
  /** The whole byte space, padding included. */
  readonly totalBytes: number
  readonly private: boolean
  /** URLs in the order of the tiers. */
  readonly trackers: readonly string[]
  readonly webSeeds: readonly string[]
  readonly httpSeeds: readonly string[]
  /** Those that a download writes, in the order of the metainfo. */
  readonly files: readonly FileDescription[]
}

export interface FileDescription {
  /** Below the output folder, joined by `/`. */
  readonly path: string
  /** In bytes. */
  readonly length: number
}

export function describeMetainfo(metainfo: Metainfo): MetainfoDescription {
  const { geometry } = metainfo
  const written = metainfo.files.filter((file) => !file.isPadding && !file.isSymlink)
  return {
    infoHash: metainfo.infoHash.hex,
    name: metainfo.name,
    pieceLength: geometry.pieceLength,
    pieceCount: geometry.pieceCount,
    totalBytes: geometry.totalBytes,
    private: metainfo.isPrivate,
    trackers: metainfo.trackers.flat(),
    webSeeds: metainfo.webSeeds,
    httpSeeds: metainfo.httpSeeds,
    files: written.map((file) => ({ path: file.path.join('/'), length: file.length })),
  }
}
