/**
 * Writes a .torrent (BEP 3; trackers of BEP 12, `private` of BEP 27, web seeds of BEP 19). Pure: the same
 * draft gives the same bytes. The info dict holds what mktorrent puts there and nothing else, so that both make the
 * same info hash of the same files.
 */
import type { Bencodable } from '../core/bencode/bencode-value.js'
import { encodeBencode } from '../core/bencode/encode-bencode.js'

export interface MetainfoDraft {
  /** Of the single file, or of the folder that holds the files. */
  readonly name: string
  /** A single file, by its length in bytes, or the files of a folder in the order of the byte space. */
  readonly payload: number | readonly DraftFile[]
  /** In bytes. */
  readonly pieceLength: number
  /** SHA-1 of each piece, one after another. */
  readonly pieceHashes: Uint8Array
  readonly isPrivate: boolean
  /** Changes the info hash and nothing else: what private trackers ask for. */
  readonly source: string | undefined
  /** URLs by tier. */
  readonly trackers: readonly (readonly string[])[]
  readonly webSeeds: readonly string[]
  readonly comment: string | undefined
  readonly createdBy: string | undefined
  /** Seconds since 1970. */
  readonly createdAtSeconds: number | undefined
}

export interface DraftFile {
  /** Components below the folder. */
  readonly path: readonly string[]
  /** In bytes. */
  readonly length: number
}

export function encodeMetainfo(draft: MetainfoDraft): Uint8Array {
  const trackers = draft.trackers.flat()
  const { webSeeds } = draft
  return encodeBencode({
    announce: trackers[0],
    'announce-list': trackers.length > 1 ? draft.trackers : undefined,
    comment: draft.comment,
    'created by': draft.createdBy,
    'creation date': draft.createdAtSeconds,
    info: infoOf(draft),
    'url-list': webSeeds.length > 1 ? webSeeds : webSeeds[0],
  })
}

function infoOf(draft: MetainfoDraft): Bencodable {
  const { payload } = draft
  return {
    ...(typeof payload === 'number' ? { length: payload } : { files: payload.map(fileEntry) }),
    name: draft.name,
    'piece length': draft.pieceLength,
    pieces: draft.pieceHashes,
    private: draft.isPrivate ? 1 : undefined,
    source: draft.source,
  }
}

function fileEntry({ path, length }: DraftFile): Bencodable {
  return { length, path }
}
