import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ipBytes } from '../../src/core/ip-bytes.js'
import { ipRange, isWithin } from '../../src/core/ip-range.js'

test('an address is within a network when it begins with the same bits', () => {
  const address = fc.uint8Array({ minLength: 4, maxLength: 4 })
  fc.assert(
    fc.property(address, address, fc.nat({ max: 32 }), (a, b, bitCount) => {
      const bitsOf = (bytes: Uint8Array) =>
        [...bytes]
          .map((byte) => byte.toString(2).padStart(8, '0'))
          .join('')
          .slice(0, bitCount)
      assert.equal(isWithin(a, { base: b, bitCount }), bitsOf(a) === bitsOf(b))
    }),
  )
})

test('networks are written in the usual way, and the families are apart', () => {
  const lan = ipRange('2001:db8:0:ff00::/56')
  assert.ok(isWithin(ipBytes('2001:db8:0:ff12::9')!, lan))
  assert.ok(!isWithin(ipBytes('2001:db8:0:fe12::9')!, lan))
  assert.ok(!isWithin(ipBytes('1.2.3.4')!, ipRange('::/0')))
  assert.ok(isWithin(ipBytes('1.2.3.4')!, ipRange('0.0.0.0/0')))
})
