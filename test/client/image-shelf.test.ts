import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type BlockImage, ImageShelf } from '../../src/client/image-shelf.js'

/** A full shelf of three, and the numbers of the images that went, in their order. */
function fullShelf() {
  const shelf = new ImageShelf(3)
  const gone: number[] = []
  const keep = (number: number): BlockImage => {
    const [buffer] = shelf.take(1)
    return shelf.keep(buffer!, [number], () => gone.push(number))
  }
  const images = [0, 1, 2].map(keep)
  return { shelf, gone, keep, images }
}

test('the image whose last use is longest ago makes room, and its memory is used again', () => {
  const { shelf, gone, images } = fullShelf()
  shelf.touch(images[0]!)
  assert.deepEqual(shelf.take(2), [images[1]!.buffer, images[2]!.buffer])
  assert.deepEqual(gone, [1, 2])
})

test('what a socket still sends from stays as it is, and others make room', () => {
  const { shelf, gone, images } = fullShelf()
  for (const image of images.slice(0, 2)) shelf.pin(image)
  assert.deepEqual(shelf.take(1), [images[2]!.buffer])
  assert.deepEqual(gone, [2])
  // Nothing else is left: there is one more for a while.
  const more = shelf.take(1)
  assert.ok(!images.some(({ buffer }) => more.includes(buffer)))
  shelf.unpin(images[1]!)
  shelf.takeBack(more[0]!)
  assert.deepEqual(gone, [2])
  assert.deepEqual(shelf.take(1), [images[1]!.buffer])
})

test('the memory of an image that was dropped is free once no socket sends from it', () => {
  const { shelf, gone, images } = fullShelf()
  shelf.pin(images[0]!)
  shelf.pin(images[0]!)
  shelf.drop(images[0]!)
  shelf.unpin(images[0]!)
  assert.deepEqual(shelf.take(1), [images[1]!.buffer])
  shelf.unpin(images[0]!)
  assert.deepEqual(shelf.take(1), [images[0]!.buffer])
  assert.deepEqual(gone, [1])
})

test('memory that was lost in a read is made anew', () => {
  const { shelf, gone } = fullShelf()
  shelf.take(2)
  assert.deepEqual(gone, [0, 1])
  shelf.lose(2)
  shelf.take(2)
  assert.deepEqual(gone, [0, 1])
  shelf.take(1)
  assert.deepEqual(gone, [0, 1, 2])
})
