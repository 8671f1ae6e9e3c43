/** Torrents of known content, made in memory: the .torrent, what it means, and the bytes that it stands for. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Bencodable } from '../../src/core/bencode/bencode-value.js'
import { encodeBencode } from '../../src/core/bencode/encode-bencode.js'
import type { Metainfo, NodeAddress } from '../../src/metainfo/metainfo.js'
import { parseMetainfo } from '../../src/metainfo/parse-metainfo.js'
import type { BlockRequest } from '../../src/wire/messages.js'

export interface TorrentRecipe {
  /** Lengths by path below the folder, components joined by `/`. A path in `.pad/` is padding (BEP 47). */
  readonly files: Readonly<Record<string, number>>
  readonly pieceLength: number
  /** Undefined for a single file, which names the torrent. */
  readonly folder?: string
  readonly trackers?: readonly (readonly string[])[]
  /** BEP 27. False. */
  readonly isPrivate?: boolean
  /** DHT nodes (BEP 5). */
  readonly nodes?: readonly NodeAddress[]
}

export interface MadeTorrent {
  /** The .torrent. */
  readonly bytes: Uint8Array
  readonly metainfo: Metainfo
  /** The whole byte space; padding is zeros. */
  readonly content: Uint8Array
}

export function makeTorrent(recipe: TorrentRecipe): MadeTorrent {
  const { files, pieceLength, folder, trackers, isPrivate } = recipe
  const entries = Object.entries(files)
  const content = fillContent(entries)
  const layout =
    folder === undefined
      ? { name: entries[0]![0], length: content.length }
      : { name: folder, files: entries.map(([path, length]) => fileEntry(path, length)) }
  const pieces = hashPieces(content, pieceLength)
  const info = { ...layout, 'piece length': pieceLength, pieces, private: isPrivate ? 1 : undefined }
  const nodes = recipe.nodes?.map(({ host, port }) => [host, port])
  const bytes = encodeBencode({ 'announce-list': trackers, info, nodes })
  return { bytes, metainfo: parseMetainfo(bytes), content }
}

/** One file `data.bin`. */
export function makeSingle(length: number, pieceLength: number): MadeTorrent {
  return makeTorrent({ files: { 'data.bin': length }, pieceLength })
}

/** A view of what the request asks for. */
export function blockOf(
  { metainfo, content }: MadeTorrent,
  { index, begin, length }: BlockRequest,
): Uint8Array {
  const start = index * metainfo.geometry.pieceLength + begin
  return content.subarray(start, start + length)
}

/** Every chosen file is there, byte for byte; the others are not. */
export function assertFiles(
  { metainfo, content }: MadeTorrent,
  output: string,
  isChosen: (path: string) => boolean = () => true,
): void {
  for (const { path, offset, length, isPadding } of metainfo.files) {
    const location = join(output, ...path)
    if (isPadding || !isChosen(path.slice(1).join('/')))
      assert.ok(!existsSync(location), `${location} exists`)
    else assert.ok(readFileSync(location).equals(content.subarray(offset, offset + length)), location)
  }
}

function fileEntry(path: string, length: number): Bencodable {
  return { path: path.split('/'), length, attr: isPadding(path) ? 'p' : undefined }
}

function isPadding(path: string): boolean {
  return path.startsWith('.pad/')
}

/** Bytes without a period that any piece length could share. */
function fillContent(entries: readonly (readonly [string, number])[]): Uint8Array {
  const length = entries.reduce((sum, [, bytes]) => sum + bytes, 0)
  const words = new Uint32Array(Math.ceil(length / 4))
  let state = 0x9e3779b9
  for (let at = 0; at < words.length; at++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    words[at] = state
  }
  const content = new Uint8Array(words.buffer, 0, length)
  let offset = 0
  for (const [path, bytes] of entries) {
    if (isPadding(path)) content.fill(0, offset, offset + bytes)
    offset += bytes
  }
  return content
}

function hashPieces(content: Uint8Array, pieceLength: number): Buffer {
  const hashes: Buffer[] = []
  for (let at = 0; at < content.length; at += pieceLength) {
    const piece = content.subarray(at, at + pieceLength)
    hashes.push(createHash('sha1').update(piece).digest())
  }
  return Buffer.concat(hashes)
}
