import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { PeerError } from '../../src/core/errors.js'
import {
  decodeMetadataMessage,
  encodeMetadataData,
  encodeMetadataReject,
  encodeMetadataRequest,
  metadataPieceBytes,
  metadataPieceCount,
} from '../../src/wire/metadata-messages.js'
import { frame } from '../kit/wire-bytes.js'

const decodeText = (text: string) => decodeMetadataMessage(Buffer.from(text, 'latin1'))

test('the messages of BEP 9 are bencoded under the id of the peer', () => {
  const request = Buffer.from('d8:msg_typei0e5:piecei0ee')
  assert.deepEqual(encodeMetadataRequest(3, 0), frame(20, Buffer.of(3), request))
  const reject = Buffer.from('d8:msg_typei2e5:piecei0ee')
  assert.deepEqual(encodeMetadataReject(3, 0), frame(20, Buffer.of(3), reject))
})

test('a piece follows its dictionary as raw bytes, and the last one is short', () => {
  const metadata = Buffer.alloc(20_000, 7)
  const head = Buffer.from('d8:msg_typei1e5:piecei1e10:total_sizei20000ee')
  const last = metadata.subarray(16_384)
  assert.deepEqual(encodeMetadataData(2, metadata, 1), frame(20, Buffer.of(2), head, last))
})

test('what is sent is understood', () => {
  const metadata = Buffer.alloc(40_000, 'metadata')
  const payload = (message: Buffer) => message.subarray(6)
  assert.deepEqual(decodeMetadataMessage(payload(encodeMetadataRequest(1, 7))), { type: 'request', piece: 7 })
  assert.deepEqual(decodeMetadataMessage(payload(encodeMetadataReject(1, 7))), { type: 'reject', piece: 7 })
  const data = decodeMetadataMessage(payload(encodeMetadataData(1, metadata, 1)))
  assert.deepEqual(data, { type: 'data', piece: 1, bytes: metadata.subarray(16_384, 32_768) })
})

test('a type that is not known is ignored, and so are fields that are not', () => {
  assert.equal(decodeText('d8:msg_typei9e5:piecei0ee'), undefined)
  assert.equal(decodeText('d8:msg_typei-1e5:piecei0ee'), undefined)
  assert.deepEqual(decodeText('d3:fooi1e8:msg_typei0e5:piecei4ee'), { type: 'request', piece: 4 })
})

test('a message that names no piece is a bad one', () => {
  const hostile = [
    '',
    'i5e',
    'le',
    'de',
    'd8:msg_typei0ee',
    'd5:piecei0ee',
    'd8:msg_typei0e5:piecei-1ee',
    'd8:msg_typei0e5:piecei99999999999999999999ee',
    'd8:msg_type1:05:piecei0ee',
    'd8:msg_typei0e5:piecei0e',
    'l'.repeat(100_000),
    `d8:msg_typei0e5:piecei0e1:xl${'i0e'.repeat(100)}ee`,
  ]
  for (const payload of hostile) {
    const isBadMessage = (error: unknown) => error instanceof PeerError && error.code === 'BAD_MESSAGE'
    assert.throws(() => decodeText(payload), isBadMessage, payload.slice(0, 40))
  }
})

test('any bytes give a message or a PeerError, and nothing else', () => {
  const parts = fc.constantFrom('d', 'e', 'l', 'i', '8:msg_type', 'i0e', 'i1e', '5:piece', '-', 'x')
  const garbage = fc.oneof(
    fc.uint8Array({ maxLength: 100 }),
    fc.array(parts, { maxLength: 12 }).map((texts) => Uint8Array.from(Buffer.from(texts.join('')))),
  )
  fc.assert(
    fc.property(garbage, (payload) => {
      try {
        const message = decodeMetadataMessage(payload)
        assert.ok(message === undefined || (Number.isSafeInteger(message.piece) && message.piece >= 0))
      } catch (error) {
        assert.ok(error instanceof PeerError)
      }
    }),
    { numRuns: 1_000 },
  )
})

test('pieces cover the metadata exactly', () => {
  for (const bytes of [1, 16_383, 16_384, 16_385, 31_235, 30 * 1024 * 1024]) {
    let sum = 0
    for (let piece = 0; piece < metadataPieceCount(bytes); piece++) sum += metadataPieceBytes(bytes, piece)
    assert.equal(sum, bytes)
    assert.ok(metadataPieceBytes(bytes, metadataPieceCount(bytes) - 1) > 0)
  }
})
