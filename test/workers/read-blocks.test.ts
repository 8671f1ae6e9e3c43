import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { transferableSymbol, valueSymbol } from 'piscina'
import { makeImage } from '../../src/storage/block-reader.js'
import { type ReadAnswer, type ReadTask, ZEROS } from '../../src/storage/piece-tasks.js'
import { Places } from '../../workers/block-images.js'
import { readBlocks } from '../../workers/read-blocks.js'
import { parsedImages } from '../storage/parsed-images.js'
import { scratchFolder } from '../storage/sample-torrent.js'

/** What Piscina would send; all images must be moved, and come back in their order. */
function answerTo(task: Omit<ReadTask, 'buffers'>): ReadAnswer {
  const buffers = [makeImage(), makeImage()]
  const { [transferableSymbol]: moved, [valueSymbol]: answer } = readBlocks({
    ...task,
    buffers,
  }) as unknown as { [transferableSymbol]: ArrayBuffer[]; [valueSymbol]: ReadAnswer }
  assert.deepEqual(moved, buffers)
  assert.deepEqual(answer.buffers, buffers)
  return answer
}

test('a block is gathered from files and zeros behind its header', async (t) => {
  const folder = await scratchFolder(t)
  const paths = [join(folder, 'a'), join(folder, 'b')]
  writeFileSync(paths[0]!, 'xxhello')
  writeFileSync(paths[1]!, 'world')
  const spans = [0, 2, 5, ZEROS, 0, 2, 1, 0, 5]
  const { buffers } = answerTo({ runs: [0x01020304, 16_384, 12], paths, spans })
  const expected = Buffer.from('00000015 07 01020304 00004000'.replaceAll(' ', ''), 'hex')
  const image = Buffer.from(buffers[0]!)
  assert.deepEqual(image.subarray(0, 25), Buffer.concat([expected, Buffer.from('hello\0\0world')]))
  assert.ok(image.subarray(25).every((byte) => byte === 0))
})

test('each run begins a message, in the place behind the last one, however short that is', async (t) => {
  const folder = await scratchFolder(t)
  const paths = [join(folder, 'a')]
  writeFileSync(paths[0]!, 'onetwothree')
  const spans = [0, 3, 3, 0, 0, 3, 0, 6, 5]
  const { buffers } = answerTo({ runs: [7, 0, 3, 8, 16_384, 3, 7, 32_768, 5], paths, spans })
  const parsed = parsedImages(buffers, [3, 3, 5])
  assert.deepEqual(
    parsed.map(({ index, begin, bytes }) => [index, begin, Buffer.from(bytes).toString()]),
    [
      [7, 0, 'two'],
      [8, 16_384, 'one'],
      [7, 32_768, 'three'],
    ],
  )
})

test('zeros overwrite what an image held before', () => {
  const buffers = [makeImage()]
  new Uint8Array(buffers[0]!).fill(0xff)
  readBlocks({ buffers, runs: [0, 0, 20_000], paths: [], spans: [ZEROS, 0, 20_000] })
  const image = Buffer.from(buffers[0]!)
  assert.ok(image.subarray(13, 13 + 16_384).every((byte) => byte === 0))
  assert.ok(image.subarray(16_397 + 13, 20_026).every((byte) => byte === 0))
  assert.equal(image[20_026], 0xff)
})

test('a file that is absent or too short is told, and something that is no file is a failure', async (t) => {
  const folder = await scratchFolder(t)
  writeFileSync(join(folder, 'short'), 'ab')
  mkdirSync(join(folder, 'dir'))
  const paths = ['absent', 'short', 'dir'].map((name) => join(folder, name))
  const read = (place: number) => {
    const spans = [ZEROS, 0, 1, place, 0, 3]
    const { isMissing, failure } = answerTo({ runs: [0, 0, 4], paths, spans })
    return [isMissing, failure?.code, failure?.subject]
  }
  assert.deepEqual(read(0), [true, undefined, undefined])
  assert.deepEqual(read(1), [true, undefined, undefined])
  assert.deepEqual(read(2), [false, 'EISDIR', 2])
})

test('places are given away from the front without gaps, however they are cut', () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 9 })
  fc.assert(
    fc.property(lengths, fc.array(fc.integer({ min: 1, max: 20 })), (places, takes) => {
      const total = places.reduce((sum, length) => sum + length, 0)
      let at = 0
      const bytes = places.map((length) => Uint8Array.from({ length }, () => at++))
      const source = new Places([...bytes])
      let given = 0
      for (const length of takes) {
        if (given + length > total) break
        const taken = source.take(length)
        assert.deepEqual(
          taken.flatMap((place) => [...place]),
          Array.from({ length }, (_, nth) => given + nth),
        )
        assert.ok(taken.every((place) => bytes.some((whole) => whole.buffer === place.buffer)))
        given += length
      }
    }),
  )
})
