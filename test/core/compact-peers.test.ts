import assert from 'node:assert/strict'
import { SocketAddress } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { canonicalIpv6, decodeCompactPeers } from '../../src/core/compact-peers.js'

test('IPv4 peers come out as they went in', () => {
  const port = fc.integer({ min: 1, max: 65_535 })
  const peer = fc.record({ host: fc.ipV4(), port }, { noNullPrototype: true })
  fc.assert(
    fc.property(fc.array(peer), (peers) => {
      const bytes = peers.flatMap(({ host, port }) => [...host.split('.').map(Number), port >> 8, port & 255])
      assert.deepEqual(decodeCompactPeers(Uint8Array.from(bytes), 4, 1000), peers)
    }),
  )
})

test('an IPv6 address reads as the system writes it', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (address) => {
      address[0]! |= 0x20 // the system writes addresses that begin with zeros in forms of their own
      const text = Buffer.from(address).toString('hex').match(/.{4}/g)!.join(':')
      const expected = new SocketAddress({ address: text, family: 'ipv6' }).address
      assert.deepEqual(decodeCompactPeers(Uint8Array.of(...address, 0x1a, 0xe1), 16, 1), [
        { host: expected, port: 6881 },
      ])
    }),
  )
})

test('an IPv4 address in IPv6 form is the IPv4 address', () => {
  assert.equal(canonicalIpv6('::ffff:10.1.2.3'), '10.1.2.3')
  assert.equal(canonicalIpv6('::FFFF:0a01:203'), '10.1.2.3')
})

test('all ways to write an IPv6 address give one text', () => {
  for (const text of ['2001:db8::1', '2001:0DB8:0:0:0:0:0:1', '2001:db8:0::0:1']) {
    assert.equal(canonicalIpv6(text), '2001:db8::1')
  }
})

test('port 0, an incomplete peer at the end and peers beyond the limit are left out', () => {
  const bytes = Uint8Array.of(10, 0, 0, 1, 0, 0, 10, 0, 0, 2, 0, 80, 10, 0, 0, 3, 0, 81, 10, 0, 0, 4, 1)
  assert.deepEqual(
    decodeCompactPeers(bytes, 4, 10).map(({ port }) => port),
    [80, 81],
  )
  assert.deepEqual(
    decodeCompactPeers(bytes, 4, 1).map(({ port }) => port),
    [80],
  )
  assert.deepEqual(decodeCompactPeers(bytes, 4, 0), [])
})
