import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { PeerError } from '../../src/core/errors.js'
import { decodeHandshake, encodeHandshake, hasDht, speaksExtensions } from '../../src/wire/handshake.js'
import { handshakeBytes } from '../kit/wire-bytes.js'

const twentyBytes = fc.uint8Array({ minLength: 20, maxLength: 20 })

test('our handshake is the one of BEP 3 with the bits of BEP 10 and BEP 6', () => {
  const expected = handshakeBytes()
  expected[25] = 0x10
  expected[27] = 0x04
  const ours = encodeHandshake(new Uint8Array(20).fill(0x11), new Uint8Array(20).fill(0x22))
  assert.deepEqual(ours, expected)
})

test('it says that we have a node in the DHT (BEP 5) when we do', () => {
  const [infoHash, peerId] = [new Uint8Array(20), new Uint8Array(20)]
  const differing = encodeHandshake(infoHash, peerId, true).map(
    (byte, at) => byte ^ encodeHandshake(infoHash, peerId)[at]!,
  )
  assert.deepEqual([...differing], [...new Uint8Array(68).fill(1, 27, 28)])
})

test('any handshake comes back, and does not change with the bytes that it came in', () => {
  fc.assert(
    fc.property(twentyBytes, twentyBytes, (infoHash, peerId) => {
      const wire = encodeHandshake(infoHash, peerId)
      const handshake = decodeHandshake(wire)
      wire.fill(0xee)
      assert.deepEqual(handshake.infoHash, infoHash)
      assert.deepEqual(handshake.peerId, peerId)
      assert.ok(speaksExtensions(handshake))
    }),
  )
})

test('only bit 20 from the right says that a peer speaks extensions, and only bit 0 that it is in the DHT', () => {
  for (let bit = 0; bit < 64; bit++) {
    const wire = handshakeBytes()
    wire[27 - (bit >> 3)]! |= 1 << (bit & 7)
    assert.equal(speaksExtensions(decodeHandshake(wire)), bit === 20, `bit ${bit}`)
    assert.equal(hasDht(decodeHandshake(wire)), bit === 0, `bit ${bit}`)
  }
})

test('a handshake with any byte of the protocol changed is refused', () => {
  for (let at = 0; at < 20; at++) {
    const wire = handshakeBytes()
    wire[at]! ^= 0x20
    assert.throws(
      () => decodeHandshake(wire),
      (error) => error instanceof PeerError && error.code === 'BAD_HANDSHAKE',
    )
  }
})
