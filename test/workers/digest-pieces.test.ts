import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { ENDED_EARLY } from '../../src/storage/piece-tasks.js'
import { digestPieces } from '../../workers/piece-worker.js'
import { scratchFolder } from '../storage/sample-torrent.js'

function hashesOf(content: Uint8Array, pieceLength: number): Buffer {
  const hashes: Buffer[] = []
  for (let at = 0; at < content.length; at += pieceLength) {
    const piece = content.subarray(at, at + pieceLength)
    hashes.push(createHash('sha1').update(piece).digest())
  }
  return Buffer.concat(hashes)
}

test('pieces are the same however the stretch is cut into files', async (t) => {
  const folder = await scratchFolder(t)
  const lengths = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(lengths, fc.integer({ min: 1, max: 60 }), (parts, pieceLength) => {
      const content = Buffer.concat(parts.map((length, nth) => Buffer.alloc(length, nth + 1)))
      const paths = parts.map((_, nth) => join(folder, String(nth)))
      for (const [nth, path] of paths.entries()) writeFileSync(path, Buffer.alloc(parts[nth]!, nth + 1))
      const spans = parts.flatMap((length, nth) => [nth, 0, length])
      const { hashes, failure } = digestPieces({ paths, spans, pieceLength })
      assert.equal(failure, undefined)
      assert.deepEqual(Buffer.from(hashes), hashesOf(content, pieceLength))
    }),
    { numRuns: 60 },
  )
})

test('files larger than a step are read to their end, from where the span begins', async (t) => {
  const path = join(await scratchFolder(t), 'large')
  const content = Buffer.alloc(3_000_000, 'swarm')
  writeFileSync(path, content)
  for (const pieceLength of [65_536, 1_048_576, 2_097_152]) {
    const { hashes } = digestPieces({ paths: [path], spans: [0, 7, 2_999_993], pieceLength })
    assert.deepEqual(Buffer.from(hashes), hashesOf(content.subarray(7), pieceLength))
  }
})

test('symlinks are followed', async (t) => {
  const folder = await scratchFolder(t)
  writeFileSync(join(folder, 'file'), 'abc')
  symlinkSync('file', join(folder, 'link'))
  const { hashes } = digestPieces({ paths: [join(folder, 'link')], spans: [0, 0, 3], pieceLength: 16 })
  assert.deepEqual(Buffer.from(hashes), hashesOf(Buffer.from('abc'), 16))
})

test('what is short, gone or no file is told as a value that names it', async (t) => {
  const folder = await scratchFolder(t)
  const whole = join(folder, 'whole')
  writeFileSync(whole, 'abc')
  const failureOf = (path: string) =>
    digestPieces({ paths: [whole, path], spans: [0, 0, 3, 1, 0, 4], pieceLength: 16 }).failure
  assert.deepEqual([failureOf(whole)?.code, failureOf(whole)?.subject], [ENDED_EARLY, 1])
  assert.deepEqual([failureOf(join(folder, 'gone'))?.code, failureOf(folder)?.code], ['ENOENT', 'EISDIR'])
})
