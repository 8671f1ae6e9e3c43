import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { BencodeError } from '../../../src/core/bencode/bencode-error.js'
import { asInteger } from '../../../src/core/bencode/bencode-fields.js'
import type { Bencodable, BencodeValue } from '../../../src/core/bencode/bencode-value.js'
import { decodeBencode, readBencode } from '../../../src/core/bencode/decode-bencode.js'
import { encodeBencode } from '../../../src/core/bencode/encode-bencode.js'
import { bencodable } from './bencodable.js'

const LIMITS = { depth: 20, tokens: 1000 }

/** What a value should come back as. */
function expected(value: Bencodable): BencodeValue {
  if (typeof value === 'number') return value
  if (typeof value === 'string' || value instanceof Uint8Array) return Buffer.from(value)
  if (Array.isArray(value)) return value.map(expected)
  assert.ok(value instanceof Map)
  return new Map([...value].map(([key, part]) => [key, expected(part)]))
}

test('what was encoded is decoded to the same', () => {
  fc.assert(
    fc.property(bencodable(), (value) => {
      assert.deepEqual(decodeBencode(encodeBencode(value), LIMITS), expected(value))
    }),
  )
})

test('bytes with one of them changed decode, or give a BencodeError, and nothing else', () => {
  fc.assert(
    fc.property(bencodable(), fc.nat(), fc.integer({ min: 0, max: 255 }), (value, place, byte) => {
      const bytes = encodeBencode(value)
      bytes[place % bytes.length] = byte
      try {
        decodeBencode(bytes, LIMITS)
      } catch (error) {
        assert.ok(error instanceof BencodeError)
      }
    }),
    { numRuns: 2000 },
  )
})

test('text made of the letters of bencode decodes, or gives a BencodeError, and nothing else', () => {
  const letters = fc.string({ unit: fc.constantFrom(...'dlie0123456789:-a') })
  fc.assert(
    fc.property(letters, (text) => {
      try {
        decodeBencode(Buffer.from(text), LIMITS)
      } catch (error) {
        assert.ok(error instanceof BencodeError)
      }
    }),
    { numRuns: 2000 },
  )
})

test('no key reaches a prototype', () => {
  const dict = decodeBencode(Buffer.from('d11:constructori1e8:toStringi2ee'), LIMITS)
  assert.deepEqual(
    dict,
    new Map([
      ['constructor', 1],
      ['toString', 2],
    ]),
  )
  assert.ok(dict instanceof Map)
  assert.equal(dict.get('hasOwnProperty'), undefined)
})

test('strings are Buffers that outlive the bytes they came from', () => {
  for (const length of [1, 5000]) {
    const bytes = encodeBencode([Buffer.alloc(length, 'a')])
    const [text] = decodeBencode(bytes, LIMITS) as BencodeValue[]
    bytes.fill(0)
    assert.ok(Buffer.isBuffer(text))
    assert.deepEqual(text, Buffer.alloc(length, 'a'))
  }
})

test('an integer that is not safe stays recognisable as such', () => {
  for (const text of ['i9007199254740992e', 'i-9007199254740993e', `i${'9'.repeat(400)}e`]) {
    assert.equal(asInteger(decodeBencode(Buffer.from(text), LIMITS)), undefined, text)
  }
  assert.equal(asInteger(decodeBencode(Buffer.from('i9007199254740991e'), LIMITS)), 9007199254740991)
})

test('a decoded value may be followed by white space only', () => {
  assert.equal(decodeBencode(Buffer.from('i1e\n'), LIMITS), 1)
  assert.throws(() => decodeBencode(Buffer.from('i1ei2e'), LIMITS), { code: 'BAD_BENCODE' })
})

test('a value is read from the front of other bytes', () => {
  const bytes = Buffer.from('d8:msg_typei1e5:piecei0eeRAW')
  const reading = readBencode(bytes, LIMITS, 'piece')
  assert.deepEqual(
    reading.value,
    new Map([
      ['msg_type', 1],
      ['piece', 0],
    ]),
  )
  assert.equal(bytes.toString('latin1', reading.end), 'RAW')
  assert.deepEqual(reading.wanted, { start: 21, end: 24 })
})

test('bytes in the middle of a larger buffer are decoded as they are', () => {
  const outer = Buffer.from('xxxl3:abcexxx')
  assert.deepEqual(decodeBencode(new Uint8Array(outer.buffer, outer.byteOffset + 3, 7), LIMITS), [
    Buffer.from('abc'),
  ])
})
