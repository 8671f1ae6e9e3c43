import assert from 'node:assert/strict'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { Bitfield } from '../../src/core/bitfield.js'
import { allPieces, fileOf, sampleTorrent, scratchFolder, scratchStorage } from './sample-torrent.js'

/** Pieces 2 to 5 hold bytes of the second file: 2 of the first as well, 5 of the third. */
const torrent = sampleTorrent(
  ['a', 'b', 'c'].map((name) => ({ path: `T/${name}`, length: 42 })),
  16,
)

interface OnDisk {
  readonly a?: Uint8Array | 'symlink'
  readonly c?: Uint8Array
}

/** The pieces that are found when the second file alone is selected, and is there. */
async function foundBeside(t: TestContext, { a, c }: OnDisk, only?: Bitfield): Promise<number[]> {
  const folder = await scratchFolder(t)
  await mkdir(join(folder, 'T'))
  await writeFile(join(folder, 'T/b'), fileOf(torrent, 1))
  if (a === 'symlink') await symlink('b', join(folder, 'T/a'))
  else if (a !== undefined) await writeFile(join(folder, 'T/a'), a)
  if (c !== undefined) await writeFile(join(folder, 'T/c'), c)
  const storage = scratchStorage(t, torrent, folder, { selected: (fileIndex) => fileIndex === 1 })
  const found = await storage.verifyExisting(only === undefined ? {} : { only })
  assert.equal(storage.canRead(allPieces(torrent)[2]!), false, 'nobody is promised what was not selected')
  return allPieces(torrent).filter((index) => found.has(index))
}

test('a piece at the edge is found when the file beside it is there', async (t) => {
  const [a, c] = [fileOf(torrent, 0), fileOf(torrent, 2)]
  assert.deepEqual(await foundBeside(t, { a, c }), [2, 3, 4, 5])
  assert.deepEqual(await foundBeside(t, { a }), [2, 3, 4])
  assert.deepEqual(await foundBeside(t, {}), [3, 4])
})

test('a piece at the edge is looked at only when it is asked for', async (t) => {
  const only = new Bitfield(torrent.metainfo.geometry.pieceCount)
  only.set(5)
  assert.deepEqual(await foundBeside(t, { a: fileOf(torrent, 0), c: fileOf(torrent, 2) }, only), [5])
})

test('what is wrong with a file beside the selection is no error', async (t) => {
  const corrupt = fileOf(torrent, 0).slice()
  corrupt[41]! ^= 1
  assert.deepEqual(await foundBeside(t, { a: corrupt }), [3, 4])
  assert.deepEqual(await foundBeside(t, { a: corrupt.subarray(0, 41) }), [3, 4])
  assert.deepEqual(await foundBeside(t, { a: 'symlink' }), [3, 4])
})
