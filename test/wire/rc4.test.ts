import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Rc4 } from '../../src/wire/rc4.js'

/** RFC 6229: key, then what the key stream is at which place. */
const VECTORS: readonly [key: string, stream: Readonly<Record<number, string>>][] = [
  [
    '0102030405',
    {
      0: 'b2396305f03dc027ccc3524a0a1118a8',
      16: '6982944f18fc82d589c403a47a0d0919',
      1024: '30abbcc7c20b01609f23ee2d5f6bb7df',
      4096: 'ff25b58995996707e51fbdf08b34d875',
    },
  ],
  [
    '0102030405060708090a0b0c0d0e0f10',
    {
      0: '9ac7cc9a609d1ef7b2932899cde41b97',
      16: '5248c4959014126a6e8a84f11d1a9e1c',
      1024: 'bdf0324e6083dcc6d3cedd3ca8c53c16',
      4096: 'a36a4c301ae8ac13610ccbc12256cacc',
    },
  ],
  [
    '0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20',
    {
      0: 'eaa6bd25880bf93d3f5d1e4ca2611d91',
      16: 'cfa45c9f7e714b54bdfa80027cb14380',
      1024: '7fec5bfd9f9b89ce6548309092d7e958',
      4096: 'f3e4c0a2e02d1d01f7f0a74618af2b48',
    },
  ],
  [
    'ebb46227c6cc8b37641910833222772a',
    { 0: '720c94b63edf44e131d950ca211a5a30', 1024: 'b515a8c5011754f59003058bdb81514e' },
  ],
]

for (const [key, stream] of VECTORS) {
  test(`the key stream of ${key} is that of RFC 6229`, () => {
    const keyBytes = Buffer.from(key, 'hex')
    for (const [place, expected] of Object.entries(stream)) {
      const whole = Buffer.alloc(Number(place) + 16)
      new Rc4(keyBytes).apply(whole, whole)
      assert.equal(whole.toString('hex', Number(place)), expected, `at ${place}`)
      const skipping = Buffer.alloc(16)
      new Rc4(keyBytes, Number(place)).apply(skipping, skipping)
      assert.equal(skipping.toString('hex'), expected, `after skipping ${place}`)
    }
  })
}

test('what was encrypted in one way of cutting it is decrypted in any other, in place or into a copy', () => {
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 300, size: 'max' })
  const cuts = fc.array(fc.nat(300), { maxLength: 8 })
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 256 }), bytes, cuts, (key, plain, places) => {
      const original = Uint8Array.from(plain)
      const encrypted = new Uint8Array(plain.length)
      new Rc4(key).apply(plain, encrypted)
      assert.deepEqual(plain, original, 'what is encrypted into a copy stays as it was')
      const cipher = new Rc4(key)
      const ends = [...places, plain.length].sort((a, b) => a - b)
      for (let at = 0, nth = 0; at < plain.length; nth++) {
        const part = encrypted.subarray(at, ends[nth])
        cipher.apply(part, part)
        at += part.length
      }
      assert.deepEqual(encrypted, original)
    }),
  )
})
