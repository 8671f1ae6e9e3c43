import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { crc32c } from '../../src/core/crc32c.js'
import { peerPriority } from '../../src/swarm/peer-priority.js'

const CLIENT = { host: '123.213.32.10', port: 6881 }

const anyPeer = fc.record({ host: fc.oneof(fc.ipV4(), fc.ipV6()), port: fc.integer({ min: 1, max: 65_535 }) })

function ofBytes(hex: string): number {
  return crc32c(Buffer.from(hex, 'hex'))
}

test('the examples of the BEP come out', () => {
  assert.equal(peerPriority(CLIENT, { host: '98.76.54.32', port: 1 }), 0xec2d_7224)
  assert.equal(peerPriority(CLIENT, { host: '123.213.32.234', port: 1 }), 0x9956_8189)
})

test('the more two addresses have in common, the more of them counts', () => {
  assert.equal(peerPriority(CLIENT, { host: '123.213.33.235', port: 1 }), ofBytes('7bd520007bd52141'))
  const own = { host: '2001:db8::ffff', port: 1 }
  const priority = (host: string) => peerPriority(own, { host, port: 1 })
  const sums = (a: string, b: string) => ofBytes(`${a}${b}`)
  assert.equal(
    priority('2001:db9::ffff'),
    sums('20010db8000000000000000000005555', '20010db9000000000000000000005555'),
  )
  assert.equal(
    priority('2001:db8:0:ff00::'),
    sums('20010db8000000000000000000005555', '20010db80000ff000000000000000000'),
  )
  assert.equal(
    priority('2001:db8:0:ff::'),
    sums('20010db8000000000000000000005555', '20010db8000000ff0000000000000000'),
  )
  assert.equal(
    priority('2001:db8::fffe'),
    sums('20010db800000000000000000000fffe', '20010db800000000000000000000ffff'),
  )
})

test('on one host the ports decide', () => {
  assert.equal(peerPriority(CLIENT, { ...CLIENT, port: 6880 }), ofBytes('1ae01ae1'))
})

test('both ends come to the same', () => {
  fc.assert(
    fc.property(anyPeer, anyPeer, (a, b) => {
      assert.equal(peerPriority(a, b), peerPriority(b, a))
    }),
  )
})

test('what cannot be compared has no priority', () => {
  assert.equal(peerPriority(CLIENT, { host: '::1', port: 1 }), 0)
  assert.equal(peerPriority(CLIENT, { host: 'example.com', port: 1 }), 0)
})
