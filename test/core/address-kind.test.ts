import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type AddressKind, addressKind } from '../../src/core/address-kind.js'

const KINDS: Record<AddressKind, readonly string[]> = {
  public: [
    ...[
      '1.1.1.1',
      '9.255.255.255',
      '11.0.0.0',
      '100.63.255.255',
      '100.128.0.0',
      '126.255.255.255',
      '128.0.0.0',
    ],
    ...['169.253.255.255', '169.255.0.0', '172.15.255.255', '172.32.0.0', '192.167.255.255', '192.169.0.0'],
    ...['2606:4700::1111', '2a00:1450::1', '2001:4860:4860::8888', '::ffff:1.1.1.1', '64:ff9b::101:101'],
    '2002:101:101::1',
  ],
  loopback: [
    ...['127.0.0.1', '127.255.255.255', '::1', '0:0:0:0:0:0:0:1', '::ffff:127.0.0.1', '::ffff:7f00:1'],
    ...['::127.0.0.1', '::ffff:0:127.0.0.1', '64:ff9b::7f00:1', '2002:7f00:1::'],
  ],
  'link-local': [
    ...[
      '169.254.169.254',
      '169.254.0.0',
      '168.63.129.16',
      'fe80::1',
      'fe80::1%eth0',
      'fe80::1%br-lan.7',
      'febf::1',
    ],
    '::ffff:169.254.169.254',
  ],
  private: [
    ...[
      '10.0.0.0',
      '10.255.255.255',
      '172.16.0.1',
      '172.31.255.255',
      '192.168.0.1',
      '100.64.0.1',
      '100.100.100.200',
    ],
    ...[
      'fc00::1',
      'fdff::1',
      'fd00:ec2::254',
      'fec0::1',
      '::ffff:10.0.0.5',
      '::FFFF:A00:5',
      '64:ff9b::a00:5',
    ],
    ...['2002:a00:5::1', '2002:c0a8:101::1'],
    // A Teredo server that is private, and a client that is.
    ...['2001:0:a00:5:0:0:fefe:fefe', '2001:0:101:101:0:0:f5ff:fffa'],
  ],
  special: [
    ...['0.0.0.0', '0.1.2.3', '224.0.0.1', '239.255.255.250', '240.0.0.1', '255.255.255.255', '192.0.2.1'],
    ...['198.51.100.1', '203.0.113.9', '198.18.0.1', '192.0.0.192', '::', 'ff02::1', '2001:db8::1', '100::1'],
    ...['64:ff9b:1::a00:5', '2001:10::1', '::ffff:0.0.0.0'],
    // No addresses at all, or spellings that only some programs read.
    ...[
      '',
      'localhost',
      'example.org',
      '127.1',
      '2130706433',
      '0x7f.0.0.1',
      '0177.0.0.1',
      '127.0.0.01',
      '1.2.3.4.5',
    ],
    ...['[::1]', '1::2::3', ':::1', '12345::', 'g::1', '::1 ', '127.0.0.1:80', '%eth0', '\0'],
  ],
}

for (const [kind, addresses] of Object.entries(KINDS)) {
  test(`what is ${kind} is told so`, () => {
    for (const address of addresses) assert.equal(addressKind(address), kind, address)
  })
}

test('an IPv4 address is of the same kind in every form of IPv6 that carries it', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 4, maxLength: 4 }), (bytes) => {
      const [a, b, c, d] = bytes as unknown as [number, number, number, number]
      const kind = addressKind(bytes.join('.'))
      const high = ((a << 8) | b).toString(16)
      const low = ((c << 8) | d).toString(16)
      for (const form of [`::ffff:${high}:${low}`, `64:ff9b::${high}:${low}`, `2002:${high}:${low}::1`]) {
        assert.equal(addressKind(form), kind, form)
      }
    }),
  )
})

test('no text makes it throw, and what a URL does not take for an address is not public', () => {
  const texts = fc.oneof(fc.string(), fc.ipV6(), fc.ipV4Extended(), fc.stringMatching(/^[0-9a-fx:.%]{0,24}$/))
  fc.assert(
    fc.property(texts, (text) => {
      const isAddress = URL.canParse(`http://${text}`) || URL.canParse(`http://[${text.split('%')[0]}]`)
      assert.ok(addressKind(text) !== 'public' || isAddress, text)
    }),
  )
})
