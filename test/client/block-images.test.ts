import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BlockImages } from '../../src/client/block-images.js'
import { ImageShelf } from '../../src/client/image-shelf.js'
import { StorageError } from '../../src/core/errors.js'
import { BLOCK_BYTES, Geometry } from '../../src/core/geometry.js'
import type { ReadImages } from '../../src/storage/piece-store.js'
import { BLOCKS_PER_IMAGE } from '../../src/storage/piece-tasks.js'
import type { BlockRequest } from '../../src/wire/messages.js'

const READERS = 1
const asked = (piece: number): BlockRequest => ({ index: piece, begin: 0, length: BLOCK_BYTES })

interface PendingRead {
  readonly blocks: readonly number[]
  answer(outcome?: ReadImages['outcome']): void
  fail(error: Error): void
}

/** Pieces of one block each, a shelf of 8 images, and a disk that answers when it is told to. */
function openImages(isReadable: (index: number) => boolean = () => true) {
  const reads: PendingRead[] = []
  const shelf = new ImageShelf(8)
  const images = new BlockImages({
    geometry: new Geometry(400 * BLOCK_BYTES, BLOCK_BYTES, []),
    shelf,
    isReadable,
    source: {
      canRead: () => true,
      readBlocks: (blocks, takeImages) =>
        new Promise((resolve, reject) => {
          const taken = takeImages(Math.ceil(blocks.length / BLOCKS_PER_IMAGE))
          const answer: PendingRead['answer'] = (outcome = 'read') => resolve({ images: taken, outcome })
          reads.push({ blocks, answer, fail: reject })
        }),
    },
  })
  return { images, reads, shelf }
}

test('what several peers ask for at once is read once', async () => {
  const { images, reads } = openImages()
  const loads = [images.load([asked(5), asked(9)], READERS), images.load([asked(9), asked(3)], READERS)]
  assert.deepEqual(
    reads.map(({ blocks }) => blocks),
    [[5, 9]],
  )
  reads[0]!.answer()
  await Promise.all(loads)
  assert.deepEqual(images.get(9)?.blocks, [5, 9])
  assert.ok(!images.hold(asked(3)))
})

test('a piece that is verified after its neighbours were read ahead is read from disk', async () => {
  const verified = new Set([0, 1, 2, 4])
  const { images, reads } = openImages((index) => verified.has(index))
  const load = async (piece: number) => {
    const loaded = images.load([asked(piece)], READERS)
    reads.at(-1)!.answer()
    await loaded
  }
  await load(0)
  await load(1)
  assert.ok(images.hold(asked(2)))
  assert.ok(!images.isKnown(3), 'not verified')
  verified.add(3)
  await load(3)
  assert.deepEqual(reads.at(-1)!.blocks, [3, 4])
})

test('what was being read when memory was cleared is not kept, and is read again', async () => {
  const { images, reads } = openImages()
  const first = images.load([asked(5)], READERS)
  images.clear()
  const second = images.load([asked(5)], READERS)
  assert.equal(reads.length, 2)
  reads[0]!.answer()
  await first
  assert.ok(!images.hold(asked(5)), 'it may be something else by now')
  reads[1]!.answer()
  await second
  assert.ok(images.hold(asked(5)))
})

test('data that is gone is an error, as is trouble with the disk, and neither costs memory for good', async () => {
  const { images, reads, shelf } = openImages()
  for (let times = 0; times < 2 * shelf.most; times++) {
    const missing = assert.rejects(images.load([asked(5)], READERS), { code: 'INCOMPLETE' })
    reads.at(-1)!.answer('missing')
    await missing
    const failed = assert.rejects(images.load([asked(5)], READERS), { code: 'IO_ERROR' })
    reads.at(-1)!.fail(new StorageError('IO_ERROR', 'no', '/f'))
    await failed
  }
  assert.ok(!images.isKnown(5))
  const kept = shelf.take(shelf.most).map((buffer) => {
    let isGone = false
    shelf.keep(buffer, [], () => {
      isGone = true
    })
    return () => isGone
  })
  assert.ok(kept.every((isGone) => !isGone()))
})

test('many peers at once are not read ahead for beyond what memory there is', () => {
  const { images, reads } = openImages()
  const requests = Array.from({ length: 100 }, (_, nth) => asked(3 * nth))
  void images.load(requests, 200)
  assert.equal(reads[0]!.blocks.length, BLOCKS_PER_IMAGE)
})
