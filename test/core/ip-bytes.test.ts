import assert from 'node:assert/strict'
import { isIP } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { ipText, writeIp } from '../../src/core/ip-bytes.js'

function bytesOf(text: string): string | undefined {
  const target = new Uint8Array(16)
  const length = writeIp(text, target)
  return length === undefined ? undefined : Buffer.from(target.subarray(0, length)).toString('hex')
}

test('addresses of every form become their bytes', () => {
  assert.equal(bytesOf('192.0.2.255'), 'c00002ff')
  assert.equal(bytesOf('0.0.0.0'), '00000000')
  assert.equal(bytesOf('::'), '0'.repeat(32))
  assert.equal(bytesOf('::1'), `${'0'.repeat(31)}1`)
  assert.equal(bytesOf('2001:db8::a:0:1'), '20010db8000000000000000a00000001')
  assert.equal(bytesOf('fe80::1%eth0'), 'fe800000000000000000000000000001')
  assert.equal(bytesOf('64:ff9b::192.0.2.1'), '0064ff9b0000000000000000c0000201')
})

test('IPv4 in the clothes of IPv6 is IPv4', () => {
  assert.equal(bytesOf('::ffff:192.0.2.1'), 'c0000201')
  assert.equal(bytesOf('::ffff:c000:201'), 'c0000201')
})

test('what is no address is none', () => {
  for (const text of [
    '',
    '1',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '01.2.3.4',
    '1..2.3',
    '1.2.3.',
    'a.b.c.d',
    'x::1',
  ]) {
    assert.equal(bytesOf(text), undefined, text)
  }
})

test('it takes what Node takes for an address, and nothing else', () => {
  const part = fc.oneof(fc.nat({ max: 300 }).map(String), fc.constantFrom('', '00', 'a', '-1', '1e1'))
  const text = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.string(),
    fc.array(part, { maxLength: 5 }).map((p) => p.join('.')),
  )
  fc.assert(
    fc.property(text, (address) => {
      assert.equal(bytesOf(address) !== undefined, isIP(address) !== 0)
    }),
  )
})

test('bytes become a text that is the same bytes', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
  )
  fc.assert(
    fc.property(bytes, (address) => {
      const hex = Buffer.from(address).toString('hex')
      fc.pre(!hex.startsWith('00000000000000000000ffff'))
      assert.equal(bytesOf(ipText(address)), hex)
    }),
  )
})
