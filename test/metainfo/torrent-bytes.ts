import type { Bencodable } from '../../src/core/bencode/bencode-value.js'
import { encodeBencode } from '../../src/core/bencode/encode-bencode.js'

export type Fields = Record<string, Bencodable | undefined>

/** A sound single-file torrent of one piece. Each part can be changed, or left out with undefined. */
export function torrentBytes(info: Fields = {}, root: Fields = {}): Buffer {
  return encodeBencode({ info: { ...SINGLE_FILE, ...info }, ...root })
}

/** The same with a list of files, one byte each; `pieces` fits as long as they fill a single piece. */
export function multiFileBytes(paths: readonly Bencodable[], info: Fields = {}): Buffer {
  const files = paths.map((path) => ({ length: 1, path }))
  return torrentBytes({ length: undefined, files, ...info })
}

const SINGLE_FILE: Fields = {
  name: 'name.bin',
  length: 425,
  'piece length': 16_384,
  pieces: Buffer.alloc(20, 7),
}
