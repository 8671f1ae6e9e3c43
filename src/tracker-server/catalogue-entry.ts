/** What the catalogue knows of a .torrent without reading it again, and under which names it may be kept. */
import { cleanName } from '../metainfo/clean-name.js'
import type { Metainfo } from '../metainfo/metainfo.js'
import { parseMetainfo } from '../metainfo/parse-metainfo.js'

export interface CatalogueEntry {
  /** Under which it is kept, without `.torrent`. */
  readonly name: string
  /** 40 hex digits. */
  readonly infoHash: string
  readonly infoHashBytes: Uint8Array
  /** What the torrent calls itself. */
  readonly title: string
  readonly totalBytes: number
  readonly fileCount: number
  /** The paths of its files, as far as they are kept for searching. */
  readonly paths: readonly string[]
  /** Name, title and paths in lower case, a line each. */
  readonly searched: string
  /** Of the .torrent. */
  readonly torrentBytes: number
}

/** Leaves room for `.torrent` and the suffix of a file that is being written. */
const MAX_NAME_BYTES = 200
/** Of the paths of one torrent. With the bound on torrents this bounds memory and time for searching. */
const MAX_SEARCHED_CHARACTERS = 8_192
const TORRENT_SUFFIX = '.torrent'

/** Throws MetainfoError. */
export function toEntry(name: string, bytes: Uint8Array): CatalogueEntry {
  const metainfo = parseMetainfo(bytes)
  const paths = searchedPaths(metainfo)
  return {
    name,
    infoHash: metainfo.infoHash.hex,
    infoHashBytes: metainfo.infoHash.bytes,
    title: metainfo.name,
    totalBytes: metainfo.geometry.totalBytes,
    fileCount: metainfo.files.length,
    paths,
    searched: [name, metainfo.name, ...paths].join('\n').toLowerCase(),
    torrentBytes: bytes.length,
  }
}

/**
 * The name of an entry from the last part of a path, percent-encoded, `.torrent` left out. Undefined when
 * it could be anything but the plain name of one file.
 */
export function toEntryName(encoded: string): string | undefined {
  const decoded = decode(encoded)?.normalize('NFC')
  if (decoded === undefined) return undefined
  const name = decoded.endsWith(TORRENT_SUFFIX) ? decoded.slice(0, -TORRENT_SUFFIX.length) : decoded
  const isPlain = name !== '' && !name.startsWith('.') && cleanName(name, 'win32') === name
  return isPlain && Buffer.byteLength(name) <= MAX_NAME_BYTES ? name : undefined
}

export function fileNameOf(name: string): string {
  return name + TORRENT_SUFFIX
}

/** The same for names that are one file where case does not count. */
export function foldName(name: string): string {
  return name.normalize('NFC').toLowerCase()
}

function decode(encoded: string): string | undefined {
  try {
    return decodeURIComponent(encoded)
  } catch {
    return undefined
  }
}

function searchedPaths({ files }: Metainfo): string[] {
  const paths: string[] = []
  let room = MAX_SEARCHED_CHARACTERS
  for (const file of files) {
    if (file.isPadding) continue
    const path = file.path.join('/')
    room -= path.length
    if (room < 0) break
    paths.push(path)
  }
  return paths
}
