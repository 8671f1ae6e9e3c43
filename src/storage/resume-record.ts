/**
 * A resume file as bytes: a bencoded dictionary and then its SHA-256, so that one damaged bit anywhere makes it
 * no resume file at all. Pure; whether a record may be believed is another matter (resume-trust.ts).
 */
import { createHash } from 'node:crypto'
import { BencodeError } from '../core/bencode/bencode-error.js'
import { asDict, bytesField, integerField } from '../core/bencode/bencode-fields.js'
import type { BencodeDict } from '../core/bencode/bencode-value.js'
import { decodeBencode } from '../core/bencode/decode-bencode.js'
import { encodeBencode } from '../core/bencode/encode-bencode.js'
import { Bitfield } from '../core/bitfield.js'
import type { FileStamp } from './file-stamp.js'
import { ABSENT } from './piece-tasks.js'
import type { StoredMetainfo } from './stored-metainfo.js'

export interface ResumeRecord {
  /** When the save began, by the clock of the file system, in nanoseconds since 1970. */
  readonly savedAtNs: bigint
  /** Nothing was written after the save. */
  readonly isClean: boolean
  readonly have: Bitfield
  /**
   * Files as they were when the pieces were had, by their place in the metainfo. One that is not among them was
   * not selected, or not looked at whole.
   */
  readonly stamps: ReadonlyMap<number, FileStamp>
  readonly uploadedBytes: number
  readonly downloadedBytes: number
}

export function encodeResume(record: ResumeRecord, { infoHash }: StoredMetainfo): Buffer {
  const content = encodeBencode({
    version: VERSION,
    'info hash': infoHash.bytes,
    'saved at': encodeTime(record.savedAtNs),
    clean: record.isClean ? 1 : 0,
    have: record.have.bytes,
    files: encodeStamps(record.stamps),
    uploaded: record.uploadedBytes,
    downloaded: record.downloadedBytes,
  })
  return Buffer.concat([content, digest(content)])
}

/** The record of this torrent; undefined when the bytes are anything else. */
export function decodeResume(bytes: Buffer, metainfo: StoredMetainfo): ResumeRecord | undefined {
  const content = bytes.subarray(0, -DIGEST_BYTES)
  if (!digest(content).equals(bytes.subarray(content.length))) return undefined
  try {
    const dict = asDict(decodeBencode(content, LIMITS))
    return dict && readRecord(dict, metainfo)
  } catch (error) {
    if (error instanceof BencodeError) return undefined
    throw error
  }
}

/** More than the record of any state of this torrent. */
export function resumeBytesLimit({ geometry, files }: StoredMetainfo): number {
  return REST_BYTES + Math.ceil(geometry.pieceCount / 8) + files.length * ENTRY_BYTES
}

/** To be changed whenever the meaning of a field changes. */
const VERSION = 1

const DIGEST_BYTES = 32
const TIME_BYTES = 8
/** Place of the file, size, time, inode. */
const ENTRY_BYTES = 28
/** Keys, numbers and lengths, generously. */
const REST_BYTES = 1024
const LIMITS = { depth: 1, tokens: 64 }

function digest(content: Uint8Array): Buffer {
  return createHash('sha256').update(content).digest()
}

function encodeTime(ns: bigint): Buffer {
  const bytes = Buffer.alloc(TIME_BYTES)
  bytes.writeBigInt64BE(ns)
  return bytes
}

function encodeStamps(stamps: ReadonlyMap<number, FileStamp>): Buffer {
  const bytes = Buffer.alloc(stamps.size * ENTRY_BYTES)
  let at = 0
  for (const [fileIndex, { size, mtimeNs, inode }] of stamps) {
    at = bytes.writeUInt32BE(fileIndex, at)
    at = bytes.writeBigInt64BE(BigInt(size), at)
    at = bytes.writeBigInt64BE(mtimeNs, at)
    at = bytes.writeBigInt64BE(inode, at)
  }
  return bytes
}

function readRecord(dict: BencodeDict, metainfo: StoredMetainfo): ResumeRecord | undefined {
  if (integerField(dict, 'version') !== VERSION) return undefined
  if (bytesField(dict, 'info hash')?.equals(metainfo.infoHash.bytes) !== true) return undefined
  const savedAt = bytesField(dict, 'saved at')
  const isClean = integerField(dict, 'clean')
  const have = readField(bytesField(dict, 'have'), metainfo.geometry.pieceCount)
  const stamps = readStamps(bytesField(dict, 'files'), metainfo.files.length)
  const uploadedBytes = integerField(dict, 'uploaded')
  const downloadedBytes = integerField(dict, 'downloaded')
  if (savedAt?.length !== TIME_BYTES || isClean === undefined || have === undefined) return undefined
  if (stamps === undefined || !isAmount(uploadedBytes) || !isAmount(downloadedBytes)) return undefined
  const savedAtNs = savedAt.readBigInt64BE()
  return { savedAtNs, isClean: isClean === 1, have, stamps, uploadedBytes, downloadedBytes }
}

function readField(bytes: Buffer | undefined, pieceCount: number): Bitfield | undefined {
  return bytes && Bitfield.fromWire(bytes, pieceCount)
}

function readStamps(bytes: Buffer | undefined, fileCount: number): Map<number, FileStamp> | undefined {
  if (bytes === undefined || bytes.length % ENTRY_BYTES !== 0) return undefined
  const stamps = new Map<number, FileStamp>()
  for (let at = 0; at < bytes.length; at += ENTRY_BYTES) {
    const fileIndex = bytes.readUInt32BE(at)
    const size = Number(bytes.readBigInt64BE(at + 4))
    if (fileIndex >= fileCount || stamps.has(fileIndex) || size < ABSENT) return undefined
    stamps.set(fileIndex, {
      size,
      mtimeNs: bytes.readBigInt64BE(at + 12),
      inode: bytes.readBigInt64BE(at + 20),
    })
  }
  return stamps
}

function isAmount(value: number | undefined): value is number {
  return value !== undefined && value >= 0
}
