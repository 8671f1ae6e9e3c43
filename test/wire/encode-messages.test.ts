import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  CHOKE,
  encodeBitfield,
  encodeCancels,
  encodeExtended,
  encodeHaves,
  encodeRequests,
  INTERESTED,
  KEEP_ALIVE,
  NOT_INTERESTED,
  UNCHOKE,
} from '../../src/wire/encode-messages.js'
import { FrameDecoder } from '../../src/wire/frame-decoder.js'
import type { Message } from '../../src/wire/messages.js'
import { frame, handshakeBytes, uint32 } from '../kit/wire-bytes.js'

function decoded(bytes: Buffer): Message[] {
  const decoder = new FrameDecoder(1024 * 1024)
  return [...decoder.push(Buffer.concat([handshakeBytes(), bytes]))].slice(1)
}

const number = fc.integer({ min: 0, max: 0xffffffff })

test('the messages without a body are what BEP 3 says, byte for byte', () => {
  assert.deepEqual(KEEP_ALIVE, uint32(0))
  assert.deepEqual(CHOKE, frame(0))
  assert.deepEqual(UNCHOKE, frame(1))
  assert.deepEqual(INTERESTED, frame(2))
  assert.deepEqual(NOT_INTERESTED, frame(3))
})

test('requests, cancels and haves are what BEP 3 says, byte for byte', () => {
  const request = { index: 1, begin: 0x4000, length: 0x4000 }
  const body = [uint32(1), uint32(0x4000), uint32(0x4000)]
  assert.deepEqual(encodeRequests([request]), frame(6, ...body))
  assert.deepEqual(encodeCancels([request]), frame(8, ...body))
  assert.deepEqual(encodeHaves([7, 8]), Buffer.concat([frame(4, uint32(7)), frame(4, uint32(8))]))
})

test('any requests, cancels and haves come back from the decoder', () => {
  const requests = fc.array(fc.record({ index: number, begin: number, length: number }))
  fc.assert(
    fc.property(requests, fc.array(number), (list, indices) => {
      assert.deepEqual(
        decoded(encodeRequests(list)),
        list.map((each) => ({ type: 'request', ...each })),
      )
      assert.deepEqual(
        decoded(encodeCancels(list)),
        list.map((each) => ({ type: 'cancel', ...each })),
      )
      assert.deepEqual(
        decoded(encodeHaves(indices)),
        indices.map((index) => ({ type: 'have', index })),
      )
    }),
  )
})

test('any bitfield and extension message comes back from the decoder', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), fc.nat(255), (bytes, id) => {
      assert.deepEqual(decoded(encodeBitfield(bytes)), [{ type: 'bitfield', bytes }])
      assert.deepEqual(decoded(encodeExtended(id, bytes)), [{ type: 'extended', id, payload: bytes }])
    }),
  )
})
