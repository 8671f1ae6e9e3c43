import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { allowedFastSet } from '../../src/swarm/allowed-fast.js'

/** The example of BEP 6. */
const EXAMPLE = {
  ip: Uint8Array.of(80, 4, 4, 200),
  infoHash: new Uint8Array(20).fill(0xaa),
  pieceCount: 1313,
}

test('the example of BEP 6 comes out', () => {
  assert.deepEqual(allowedFastSet(EXAMPLE, 7), [1059, 431, 808, 1217, 287, 376, 1188])
  assert.deepEqual(allowedFastSet(EXAMPLE, 9), [1059, 431, 808, 1217, 287, 376, 1188, 353, 508])
})

test('all peers of one network get the same pieces', () => {
  assert.deepEqual(allowedFastSet({ ...EXAMPLE, ip: Uint8Array.of(80, 4, 4, 1) }), allowedFastSet(EXAMPLE))
})

test('there are ten different pieces, or all that a small torrent has, and none for IPv6', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      fc.integer({ min: 1, max: 50 }),
      (ip, pieceCount) => {
        const allowed = allowedFastSet({ ...EXAMPLE, ip, pieceCount })
        assert.equal(new Set(allowed).size, Math.min(10, pieceCount))
        assert.ok(allowed.every((index) => index < pieceCount))
      },
    ),
  )
  assert.deepEqual(allowedFastSet({ ...EXAMPLE, ip: new Uint8Array(16) }), [])
})
