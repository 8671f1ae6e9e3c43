/** Writes .torrent files (BEP 3) for a payload that is on disk. */
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { basename, relative, sep } from 'node:path'
import type { Bencodable } from '../src/core/bencode/bencode-value.js'
import { encodeBencode } from '../src/core/bencode/encode-bencode.js'
import { type PayloadFile, PayloadReader } from './payload.js'

export interface TorrentPlan {
  readonly files: readonly PayloadFile[]
  /** The folder that holds several files; undefined for a single file, which names the torrent itself. */
  readonly folder?: string
  readonly pieceLengthBytes: number
}

/** A payload that has been hashed. */
export interface TorrentInfo {
  readonly plan: TorrentPlan
  readonly infoHashHex: string
  /** The info dict. */
  readonly info: Bencodable
}

/** Hashes the payload piece by piece. */
export function hashPayload(plan: TorrentPlan): TorrentInfo {
  const [first] = plan.files
  if (first === undefined) throw new Error('a torrent needs a file')
  const { folder } = plan
  const info = {
    ...(folder === undefined
      ? { length: first.length, name: basename(first.location) }
      : { files: plan.files.map((file) => fileEntry(file, folder)), name: basename(folder) }),
    'piece length': plan.pieceLengthBytes,
    pieces: hashPieces(plan),
  }
  return { plan, info, infoHashHex: createHash('sha1').update(encodeBencode(info)).digest('hex') }
}

/** Writes the .torrent, with the tracker's URL if there is one. */
export function writeTorrent(location: string, { info }: TorrentInfo, announce: string | undefined): void {
  writeFileSync(location, encodeBencode({ announce, info }))
}

function fileEntry(file: PayloadFile, folder: string): Bencodable {
  return { length: file.length, path: relative(folder, file.location).split(sep) }
}

/** The SHA-1 of every piece, end to end. Memory stays at one stride however long a piece is. */
function hashPieces(plan: TorrentPlan): Buffer {
  const reader = new PayloadReader(plan.files.map((file) => file.location))
  const stride = Buffer.allocUnsafe(Math.min(plan.pieceLengthBytes, 1_048_576))
  const hashes: Buffer[] = []
  try {
    for (let piece = 0; piece < reader.totalBytes; piece += plan.pieceLengthBytes) {
      const hash = createHash('sha1')
      const end = Math.min(piece + plan.pieceLengthBytes, reader.totalBytes)
      for (let offset = piece; offset < end; offset += stride.length) {
        const length = Math.min(stride.length, end - offset)
        reader.read(offset, stride, 0, length)
        hash.update(stride.subarray(0, length))
      }
      hashes.push(hash.digest())
    }
  } finally {
    reader.close()
  }
  return Buffer.concat(hashes)
}
