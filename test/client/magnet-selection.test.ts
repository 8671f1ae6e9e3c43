import assert from 'node:assert/strict'
import { test } from 'node:test'
import { selectedByMagnet } from '../../src/client/magnet-selection.js'
import { MetainfoError } from '../../src/core/errors.js'
import { makeTorrent } from '../kit/made-torrent.js'

const { metainfo } = makeTorrent({
  files: { a: 100, '.pad/1': 16_284, b: 100, '.pad/2': 16_284, c: 100 },
  folder: 'set',
  pieceLength: 16_384,
})
const select = (...files: { first: number; last: number }[]) => selectedByMagnet({ files }, metainfo)

test('a link that names no files asks for all', () => {
  assert.equal(selectedByMagnet({ files: undefined }, metainfo), undefined)
})

test('padding has a number in a link, and none in a selection', () => {
  assert.deepEqual(select({ first: 0, last: 0 }), [0])
  assert.deepEqual(select({ first: 2, last: 2 }), [1])
  assert.deepEqual(select({ first: 4, last: 4 }, { first: 0, last: 1 }), [0, 2])
  assert.deepEqual(select({ first: 1, last: 999_999_999 }), [1, 2])
})

test('a link that asks for nothing that is there is a bad one', () => {
  const isBad = (error: unknown) => error instanceof MetainfoError && error.code === 'BAD_MAGNET'
  assert.throws(() => select({ first: 5, last: 9 }), isBad)
  assert.throws(() => select({ first: 3, last: 3 }), isBad)
})
