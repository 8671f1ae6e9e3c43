import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crc32c } from '../../src/core/crc32c.js'

test('the check values of the iSCSI specification come out (RFC 3720)', () => {
  assert.equal(crc32c(Buffer.from('123456789')), 0xe306_9283)
  assert.equal(crc32c(new Uint8Array(32)), 0x8a91_36aa)
  assert.equal(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8_ab43)
  assert.equal(crc32c(Uint8Array.from({ length: 32 }, (_, at) => at)), 0x46dd_794e)
  assert.equal(crc32c(new Uint8Array()), 0)
})
