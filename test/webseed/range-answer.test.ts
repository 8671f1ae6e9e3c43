import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { WebSeedError, type WebSeedFault } from '../../src/core/errors.js'
import { placeBody } from '../../src/webseed/range-answer.js'

const WISH = { first: 100, end: 200, fileBytes: 1_000, isRangeInUrl: false }

function place(status: number, headers: Record<string, string | string[]> = {}) {
  return placeBody({ status, headers }, WISH, 1_000)
}

function refused(code: WebSeedFault, ...answer: Parameters<typeof place>): void {
  assert.throws(
    () => place(...answer),
    (error) => error instanceof WebSeedError && error.code === code,
  )
}

test('the range that was asked for, or the start of it, is taken', () => {
  const place206 = (range: string) => place(206, { 'content-range': range })
  assert.deepEqual(place206('bytes 100-199/1000'), { first: 100, end: 200, isWhole: false })
  assert.deepEqual(place206('BYTES 100-100/*'), { first: 100, end: 101, isWhole: false })
  const length = { 'content-range': 'bytes 100-199/1000', 'content-length': '100' }
  assert.deepEqual(place(206, length), { first: 100, end: 200, isWhole: false })
})

test('any other range is refused', () => {
  const ranges = [
    'bytes 99-199/1000',
    'bytes 101-199/1000',
    'bytes 100-200/1000',
    'bytes 100-99/1000',
    'bytes */1000',
    'bytes 100-/1000',
    'bytes -100/1000',
    'lines 100-199/1000',
    'bytes 100-199',
    'bytes=100-199/1000',
    'bytes 100-99999999999999999/1000',
    '',
  ]
  for (const range of ranges) refused('BAD_RESPONSE', 206, { 'content-range': range })
  refused('BAD_RESPONSE', 206)
  refused('BAD_RESPONSE', 206, { 'content-range': ['bytes 100-199/1000', 'bytes 0-99/1000'] })
  refused('BAD_RESPONSE', 206, { 'content-type': 'multipart/byteranges; boundary=x' })
  refused('BAD_RESPONSE', 206, { 'content-range': 'bytes 100-199/1000', 'content-length': '101' })
})

test('bytes that the URL asks for are the whole answer', () => {
  const wish = { ...WISH, isRangeInUrl: true }
  const bytes = { first: 100, end: 200, isWhole: false }
  assert.deepEqual(placeBody({ status: 200, headers: {} }, wish, 0), bytes)
  assert.deepEqual(placeBody({ status: 200, headers: { 'content-length': '100' } }, wish, 0), bytes)
  for (const length of ['99', '101', 'x']) {
    assert.throws(
      () => placeBody({ status: 200, headers: { 'content-length': length } }, wish, 0),
      WebSeedError,
    )
  }
})

test('a file of another length is another file', () => {
  refused('WRONG_LENGTH', 206, { 'content-range': 'bytes 100-199/1001' })
  refused('WRONG_LENGTH', 200, { 'content-length': '999' })
  refused('WRONG_LENGTH', 200, { 'content-length': 'abc' })
  refused('WRONG_LENGTH', 416, { 'content-range': 'bytes */50' })
})

test('a whole file is taken for what it is', () => {
  assert.deepEqual(place(200), { first: 0, end: 1_000, isWhole: true })
  assert.deepEqual(place(200, { 'content-length': '1000' }), { first: 0, end: 1_000, isWhole: true })
})

test('nothing that is compressed is taken', () => {
  const range = { 'content-range': 'bytes 100-199/1000' }
  for (const coding of ['gzip', 'br', 'identity, gzip', 'x']) {
    refused('BAD_RESPONSE', 206, { ...range, 'content-encoding': coding })
  }
  assert.ok(place(206, { ...range, 'content-encoding': 'Identity' }))
})

test('other statuses are sorted by their cure', () => {
  for (const status of [401, 403, 404, 410, 451]) refused('NOT_FOUND', status)
  for (const status of [429, 503]) refused('BUSY', status)
  for (const status of [408, 500, 502, 504, 999]) refused('SERVER_ERROR', status)
  for (const status of [204, 205, 207, 304, 400, 405, 418]) refused('HTTP_STATUS', status)
})

test('a busy server says for how long', () => {
  const waitOf = (retryAfter: string) => {
    try {
      place(503, { 'retry-after': retryAfter })
    } catch (error) {
      return (error as WebSeedError).retryAfterMs
    }
    throw new assert.AssertionError({ message: 'it was taken' })
  }
  assert.equal(waitOf('7'), 7_000)
  assert.equal(waitOf(new Date(1_030_000).toUTCString()), 30_000)
  assert.equal(waitOf('soon'), undefined)
})

test('whatever the headers, the answer is a place within the wish or a WebSeedError', () => {
  const text = fc.oneof(fc.string(), fc.stringMatching(/^bytes \d+-\d+\/(\d+|\*)$/), fc.nat().map(String))
  const names = fc.constantFrom('content-range', 'content-length', 'content-encoding', 'retry-after')
  fc.assert(
    fc.property(fc.integer({ min: 200, max: 599 }), fc.dictionary(names, text), (status, headers) => {
      try {
        const { first, end, isWhole } = place(status, headers)
        assert.ok(isWhole ? first === 0 && end === 1_000 : first === 100 && end > 100 && end <= 200)
      } catch (error) {
        assert.ok(error instanceof WebSeedError)
      }
    }),
  )
})
