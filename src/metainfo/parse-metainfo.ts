/**
 * The one door from bytes to a Metainfo that may be trusted: those of a .torrent (BEP 3), or of an info dict
 * that came from peers (BEP 9). Pure; hostile bytes give a MetainfoError, and what does no harm, such as
 * unknown fields or odd order, is let through.
 */
import { createHash } from 'node:crypto'
import { LIMITS } from '../config.js'
import { BencodeError } from '../core/bencode/bencode-error.js'
import { asDict, bytesField, dictField, integerField } from '../core/bencode/bencode-fields.js'
import type { BencodeDict } from '../core/bencode/bencode-value.js'
import { type BencodeReading, readBencode } from '../core/bencode/decode-bencode.js'
import { expectNoMore } from '../core/bencode/scan-bencode.js'
import { MetainfoError } from '../core/errors.js'
import { Geometry } from '../core/geometry.js'
import { cleanName } from './clean-name.js'
import { printable, type TextDecode, textDecoderFor } from './decode-text.js'
import type { InfoHash, Metainfo, MetainfoFile } from './metainfo.js'
import { parseFiles, type TorrentName } from './parse-files.js'
import { parseNodes, parseTrackers, parseWebSeeds } from './parse-sources.js'

/** Throws MetainfoError. The bytes may be reused afterwards. */
export function parseMetainfo(bytes: Uint8Array): Metainfo {
  const { torrent, info, infoBytes } = readTorrent(bytes)
  const decodeText = textDecoderFor(bytesField(torrent, 'encoding')?.toString('latin1'))
  return {
    ...describeInfo(info, infoBytes, decodeText),
    trackers: parseTrackers(torrent),
    webSeeds: parseWebSeeds(torrent, 'url-list'),
    httpSeeds: parseWebSeeds(torrent, 'httpseeds'),
    nodes: parseNodes(torrent),
    comment: parseText(torrent, 'comment', decodeText),
    createdBy: parseText(torrent, 'created by', decodeText),
    createdAtSeconds: integerField(torrent, 'creation date'),
  }
}

/**
 * An info dict alone, with what is known of where its data can be had. Throws MetainfoError. Keeps the bytes.
 */
export function parseInfoDict(
  infoBytes: Uint8Array,
  sources: Pick<Metainfo, 'trackers' | 'webSeeds'>,
): Metainfo {
  if (infoBytes.length > LIMITS.metadataBytes) throw tooLarge(infoBytes, 'an info dict')
  const { value, end } = decode(infoBytes)
  const info = asDict(value)
  if (info === undefined || end < infoBytes.length) {
    throw new MetainfoError('BAD_INFO', 'info is not a dictionary and nothing else')
  }
  return {
    ...describeInfo(info, infoBytes, textDecoderFor(undefined)),
    trackers: sources.trackers,
    webSeeds: sources.webSeeds,
    httpSeeds: [],
    nodes: [],
    comment: undefined,
    createdBy: undefined,
    createdAtSeconds: undefined,
  }
}

/** What the info dict says, which is all that the info hash vouches for. */
function describeInfo(info: BencodeDict, infoBytes: Uint8Array, decodeText: TextDecode) {
  refuseV2Only(info)
  const infoHash = hashInfo(infoBytes)
  const name = parseName(info, infoHash, decodeText)
  const files = parseFiles(info, name, decodeText)
  const geometry = parseGeometry(info, files)
  return {
    infoHash,
    name: name.clean,
    geometry,
    pieceHashes: parsePieceHashes(info, geometry.pieceCount),
    files,
    isPrivate: (integerField(info, 'private') ?? 0) !== 0,
    infoBytes,
  }
}

interface RawTorrent {
  readonly torrent: BencodeDict
  readonly info: BencodeDict
  readonly infoBytes: Uint8Array
}

function readTorrent(bytes: Uint8Array): RawTorrent {
  if (bytes.length > LIMITS.torrentFileBytes) throw tooLarge(bytes, 'a .torrent')
  const { value, wanted } = decode(bytes)
  const torrent = asDict(value)
  if (torrent === undefined) throw new MetainfoError('NOT_A_TORRENT', 'the data is not a dictionary')
  if (wanted === undefined) throw new MetainfoError('NOT_A_TORRENT', 'the data has no info dictionary')
  const info = dictField(torrent, 'info')
  if (info === undefined) throw new MetainfoError('BAD_INFO', 'info is not a dictionary')
  return { torrent, info, infoBytes: new Uint8Array(bytes.subarray(wanted.start, wanted.end)) }
}

function tooLarge({ length }: Uint8Array, what: string): MetainfoError {
  return new MetainfoError('TOO_LARGE', `${length} bytes are too many for ${what}`)
}

function decode(bytes: Uint8Array): BencodeReading {
  try {
    const limits = { depth: LIMITS.bencodeDepth, tokens: LIMITS.bencodeTokens }
    const reading = readBencode(bytes, limits, 'info')
    expectNoMore(bytes, reading.end)
    return reading
  } catch (error) {
    if (!(error instanceof BencodeError)) throw error
    throw new MetainfoError(error.code, `the data is not a .torrent: ${error.message}`, { cause: error })
  }
}

function refuseV2Only(info: BencodeDict): void {
  const isV2 = info.has('file tree') || (integerField(info, 'meta version') ?? 1) > 1
  if (!isV2 || info.has('pieces')) return
  throw new MetainfoError(
    'V2_ONLY',
    'a BitTorrent v2 torrent (BEP 52): only v1 and hybrid torrents are supported',
  )
}

function hashInfo(infoBytes: Uint8Array): InfoHash {
  const bytes = createHash('sha1').update(infoBytes).digest()
  return { hex: bytes.toString('hex'), bytes }
}

/** A folder of which no name is left gets the info hash for one; a file must have its own. */
function parseName(info: BencodeDict, infoHash: InfoHash, decodeText: TextDecode): TorrentName {
  const bytes = bytesField(info, 'name.utf-8') ?? bytesField(info, 'name')
  if (bytes === undefined) throw new MetainfoError('BAD_NAME', 'the torrent has no name')
  const raw = decodeText(bytes)
  const clean = cleanName(raw)
  if (clean !== undefined) return { raw, clean }
  if (info.has('files')) return { raw, clean: infoHash.hex }
  throw new MetainfoError('BAD_NAME', 'the name of the file has no character that a name can have')
}

function parseGeometry(info: BencodeDict, files: readonly MetainfoFile[]): Geometry {
  const pieceLength = integerField(info, 'piece length')
  if (pieceLength === undefined || pieceLength <= 0 || pieceLength > LIMITS.pieceLengthBytes) {
    throw new MetainfoError('BAD_PIECE_LENGTH', 'the piece length is missing or out of range')
  }
  const last = files.at(-1)!
  const totalBytes = last.offset + last.length
  if (totalBytes === 0) throw new MetainfoError('BAD_FILES', 'all files are empty: there is nothing to fetch')
  const geometry = new Geometry(totalBytes, pieceLength, files)
  if (geometry.pieceCount > LIMITS.pieceCount) {
    throw new MetainfoError('TOO_LARGE', `${geometry.pieceCount} pieces are too many`)
  }
  return geometry
}

function parsePieceHashes(info: BencodeDict, pieceCount: number): Uint8Array {
  const hashes = bytesField(info, 'pieces')
  if (hashes === undefined) throw new MetainfoError('BAD_PIECES', 'the torrent has no piece hashes')
  if (hashes.length !== pieceCount * SHA1_BYTES) {
    throw new MetainfoError('BAD_PIECES', `${hashes.length} bytes of hashes for ${pieceCount} pieces`)
  }
  return hashes
}

const SHA1_BYTES = 20

function parseText(torrent: BencodeDict, key: string, decodeText: TextDecode): string | undefined {
  const bytes = bytesField(torrent, key)
  return bytes && printable(decodeText(bytes))
}
