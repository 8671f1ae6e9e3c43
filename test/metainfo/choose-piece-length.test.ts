import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { LIMITS } from '../../src/config.js'
import { choosePieceLength, isPieceLength } from '../../src/metainfo/choose-piece-length.js'

const KIB = 1024
const MIB = 1024 * KIB
const GIB = 1024 * MIB

test('small payloads have small pieces, and large ones some two thousand', () => {
  const cases = [
    [0, 16 * KIB],
    [1, 16 * KIB],
    [32 * MIB, 16 * KIB],
    [32 * MIB + 1, 32 * KIB],
    [2 * GIB, MIB],
    [32 * GIB, 16 * MIB],
    [1024 * GIB, 16 * MIB],
  ] as const
  for (const [totalBytes, length] of cases)
    assert.equal(choosePieceLength(totalBytes), length, `${totalBytes}`)
})

test('the choice is always one that can be asked for, and its hashes fit in a .torrent', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 80 * 1024 * GIB }), (totalBytes) => {
      const length = choosePieceLength(totalBytes)
      assert.ok(isPieceLength(length))
      assert.ok(Math.ceil(totalBytes / length) * 20 < LIMITS.torrentFileBytes)
    }),
  )
})

test('piece lengths are powers of two from 16 KiB to 256 MiB', () => {
  for (const length of [16 * KIB, MIB, 256 * MIB]) assert.ok(isPieceLength(length), `${length}`)
  for (const length of [
    0,
    -16_384,
    8 * KIB,
    48 * KIB,
    512 * MIB,
    16_385,
    Number.NaN,
    Number.POSITIVE_INFINITY,
  ])
    assert.ok(!isPieceLength(length), `${length}`)
})
