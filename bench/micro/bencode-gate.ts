import { LIMITS } from '../../src/config.js'
import { decodeBencode } from '../../src/core/bencode/decode-bencode.js'
import { encodeBencode } from '../../src/core/bencode/encode-bencode.js'
import { scanBencode } from '../../src/core/bencode/scan-bencode.js'
import { parseMetainfo } from '../../src/metainfo/parse-metainfo.js'
import type { MicroSuite, MicroTask } from '../micro-suite.js'

const LIMITS_OF_FILES = { depth: LIMITS.bencodeDepth, tokens: LIMITS.bencodeTokens }

/** The gate alone, gate and decoder, and everything between bytes and a trusted Metainfo. */
export function bencodeGateSuite(): MicroSuite {
  return {
    tasks: [
      ...tasksFor('2,000 pieces, one file', torrent(2_000, 1)),
      ...tasksFor('200,000 pieces, 10,000 files', torrent(200_000, 10_000)),
    ],
  }
}

function tasksFor(what: string, bytes: Buffer): MicroTask[] {
  return [
    { name: `scan: ${what}`, bytes: bytes.length, run: () => scanBencode(bytes, LIMITS_OF_FILES) },
    { name: `decode: ${what}`, bytes: bytes.length, run: () => decodeBencode(bytes, LIMITS_OF_FILES) },
    { name: `parse: ${what}`, bytes: bytes.length, run: () => parseMetainfo(bytes) },
  ]
}

function torrent(pieceCount: number, fileCount: number): Buffer {
  const pieceLength = 262_144
  const total = pieceCount * pieceLength
  const length = Math.floor(total / fileCount)
  const files = Array.from({ length: fileCount }, (_, i) => ({
    length: i === fileCount - 1 ? total - length * (fileCount - 1) : length,
    path: [`folder ${i % 100}`, `file ${i}.bin`],
  }))
  const layout = fileCount === 1 ? { length: total } : { files }
  const info = {
    ...layout,
    name: 'payload',
    'piece length': pieceLength,
    pieces: Buffer.alloc(pieceCount * 20, 1),
  }
  return encodeBencode({ announce: 'http://tracker.example/announce', info })
}
