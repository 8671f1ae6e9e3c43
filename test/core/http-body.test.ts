import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { decompressCapped, HttpBodyError, readCapped } from '../../src/core/http-body.js'

const TEXT = Buffer.from('d8:intervali1800e5:peers0:e')
const COMPRESSORS = { gzip: gzipSync, 'x-gzip': gzipSync, deflate: deflateSync, br: brotliCompressSync }

test('a body is the same however it was cut', async () => {
  const parts = fc.array(fc.uint8Array({ maxLength: 20 }))
  await fc.assert(
    fc.asyncProperty(parts, async (pieces) => {
      const expected = Buffer.concat(pieces)
      assert.deepEqual(await readCapped(from(pieces), expected.length), expected)
    }),
  )
})

test('an endless source is left, and so closed, at the limit', async () => {
  let yielded = 0
  let closed = false
  async function* endless() {
    try {
      for (;;) yield new Uint8Array(++yielded && 10)
    } finally {
      closed = true
    }
  }
  await assert.rejects(readCapped(endless(), 95), { code: 'BODY_TOO_LARGE' })
  assert.deepEqual({ yielded, closed }, { yielded: 10, closed: true })
})

test('every supported compression is undone', async () => {
  for (const [coding, compress] of Object.entries(COMPRESSORS)) {
    assert.deepEqual(await decompressCapped(compress(TEXT), coding, 100), TEXT, coding)
  }
  assert.deepEqual(await decompressCapped(deflateRawSync(TEXT), 'deflate', 100), TEXT, 'without a header')
  assert.deepEqual(await decompressCapped(gzipSync(TEXT), ' GZip ', 100), TEXT)
})

test('no compression leaves the bytes alone', async () => {
  assert.equal(await decompressCapped(TEXT, '', 100), TEXT)
  assert.equal(await decompressCapped(TEXT, 'identity', 100), TEXT)
})

test('a bomb is a body that is too large, in every compression', async () => {
  for (const [coding, compress] of Object.entries(COMPRESSORS)) {
    const bomb = compress(Buffer.alloc(5_000_000))
    await assert.rejects(decompressCapped(bomb, coding, 1000), { code: 'BODY_TOO_LARGE' }, coding)
  }
})

test('exactly the limit is allowed', async () => {
  assert.equal((await decompressCapped(gzipSync(TEXT), 'gzip', TEXT.length)).length, TEXT.length)
})

test('garbage, cut-off data and unknown compressions are a bad response', async () => {
  const cutOff = gzipSync(TEXT).subarray(0, -10)
  for (const [bytes, coding] of [
    [TEXT, 'gzip'],
    [TEXT, 'deflate'],
    [TEXT, 'br'],
    [cutOff, 'gzip'],
    [TEXT, 'zstd'],
    [gzipSync(gzipSync(TEXT)), 'gzip, gzip'],
  ] as const) {
    await assert.rejects(decompressCapped(bytes, coding, 1000), (error) => {
      return error instanceof HttpBodyError && error.code === 'BAD_RESPONSE'
    })
  }
})

async function* from(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces
}
