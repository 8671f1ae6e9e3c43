/** Small torrents made in memory, and folders that are gone when the test is. */
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import { encodeBencode } from '../../src/core/bencode/encode-bencode.js'

/** Contents by path; the path of a file in a folder has several components joined by `/`. */
export type SampleFiles = Readonly<Record<string, Uint8Array>>

export interface SampleTorrent {
  /** With several files the folder that holds them. Undefined for a single file. */
  readonly folder?: string
  readonly files: SampleFiles
  readonly pieceLength?: number
  /** Further fields beside `info`. */
  readonly fields?: Readonly<Record<string, number | string | string[] | string[][]>>
}

/** The bytes of the .torrent. */
export function torrentBytes(sample: SampleTorrent): Uint8Array {
  const pieceLength = sample.pieceLength ?? 16_384
  const entries = Object.entries(sample.files)
  const payload = Buffer.concat(entries.map(([, data]) => data))
  const content =
    sample.folder === undefined
      ? { name: entries[0]![0], length: payload.length }
      : {
          name: sample.folder,
          files: entries.map(([path, data]) => ({ path: path.split('/'), length: data.length })),
        }
  const pieces = pieceHashes(payload, pieceLength)
  return encodeBencode({ ...sample.fields, info: { ...content, 'piece length': pieceLength, pieces } })
}

function pieceHashes(payload: Uint8Array, pieceLength: number): Buffer {
  const hashes: Buffer[] = []
  for (let at = 0; at < payload.length; at += pieceLength) {
    const piece = payload.subarray(at, at + pieceLength)
    hashes.push(createHash('sha1').update(piece).digest())
  }
  return Buffer.concat(hashes)
}

/** Bytes that differ from piece to piece. */
export function samplePayload(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (at * 31 + (at >> 8) * 17) & 0xff)
}

/** An empty folder with these files in it. */
export function sampleFolder(t: TestContext, files: SampleFiles = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'swarmfetch-cli-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  for (const [path, data] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), data)
  }
  return folder
}
