import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeBencode } from '../../../src/core/bencode/encode-bencode.js'

test('keys are put in order, and what is undefined is left out', () => {
  const bytes = encodeBencode({ b: 1, a: { z: undefined, y: ['x', -2] } })
  assert.equal(bytes.toString(), 'd1:ad1:yl1:xi-2eee1:bi1ee')
})

test('maps are encoded like objects', () => {
  assert.equal(
    encodeBencode(
      new Map([
        ['b', 'x'],
        ['a', 'y'],
      ]),
    ).toString(),
    'd1:a1:y1:b1:xe',
  )
})

test('text counts in bytes of UTF-8', () => {
  assert.equal(encodeBencode('é').toString(), '2:é')
})

test('bytes are taken as they are', () => {
  assert.deepEqual(encodeBencode(Uint8Array.of(0, 255)), Buffer.from([0x32, 0x3a, 0, 255]))
})

test('a number that is no safe integer is refused wherever it hides', () => {
  for (const number of [1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
    assert.throws(() => encodeBencode(number), RangeError)
    assert.throws(() => encodeBencode({ a: [new Map([['b', number]])] }), RangeError)
  }
})
