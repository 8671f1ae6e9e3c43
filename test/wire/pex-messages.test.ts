import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { encodeBencode } from '../../src/core/bencode/encode-bencode.js'
import { PeerError } from '../../src/core/errors.js'
import { decodePex, encodePex, type PexPeer } from '../../src/wire/pex-messages.js'

const peer = (host: string, port: number, isSeed = false): PexPeer => ({
  host,
  port,
  isSeed,
  isReachable: true,
  ...(isSeed ? { prefersEncryption: true } : {}),
})
/** Without length, message id and extension id. */
const payloadOf = (message: Buffer) => message.subarray(6)

test('the message is the one of BEP 11', () => {
  const added = [peer('192.0.2.1', 6881, true), peer('2001:db8::1', 1, false)]
  const message = encodePex(7, { added, dropped: [{ host: '192.0.2.9', port: 258 }] })
  assert.equal(message[5], 7)
  const expected =
    'd5:added6:\xc0\x00\x02\x01\x1a\xe17:added.f1:\x136:added618:\x20\x01\x0d\xb8' +
    '\x00'.repeat(11) +
    '\x01\x00\x018:added6.f1:\x107:dropped6:\xc0\x00\x02\x09\x01\x028:dropped60:e'
  assert.equal(payloadOf(message).toString('latin1'), expected)
})

test('whoever is added comes out at the other end, at most so many of each family', () => {
  const peers = fc.array(
    fc.tuple(
      fc.oneof(fc.ipV4(), fc.constantFrom('2001:db8::1', '::1')),
      fc.integer({ min: 1, max: 65_535 }),
      fc.boolean(),
      fc.boolean(),
      fc.constantFrom({}, { prefersEncryption: true }),
    ),
    { maxLength: 30 },
  )
  fc.assert(
    fc.property(peers, fc.nat({ max: 40 }), (addresses, most) => {
      const added = addresses.map(([host, port, isSeed, isReachable, manner]) => ({
        ...manner,
        host,
        port,
        isSeed,
        isReachable,
      }))
      const of = (isIpv6: boolean) => added.filter(({ host }) => host.includes(':') === isIpv6).slice(0, most)
      assert.deepEqual(decodePex(payloadOf(encodePex(1, { added, dropped: [] })), most), [
        ...of(false),
        ...of(true),
      ])
    }),
  )
})

test('a flag belongs to the address in its place, and those that lack one have none', () => {
  const contacts = Buffer.from([1, 1, 1, 1, 0, 0, 2, 2, 2, 2, 0, 2, 3, 3, 3, 3, 0, 3, 4, 4])
  const dict = { added: contacts, 'added.f': Buffer.from([0x02, 0x13]) }
  assert.deepEqual(decodePex(encodeBencode(dict), 50), [
    { host: '2.2.2.2', port: 2, prefersEncryption: true, isSeed: true, isReachable: true },
    { host: '3.3.3.3', port: 3, isSeed: false, isReachable: false },
  ])
})

test('what is no message of peer exchange is a fault, and strange fields count as absent', () => {
  for (const text of ['', 'x', 'i1e', 'le', 'd5:added6:abc', 'd']) {
    assert.throws(
      () => decodePex(Buffer.from(text), 50),
      (error) => error instanceof PeerError && error.code === 'BAD_MESSAGE',
    )
  }
  assert.deepEqual(decodePex(Buffer.from('d5:addedi7e6:added65:abcdee'), 50), [])
})

test('no bytes whatever do more than that', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      try {
        decodePex(bytes, 50)
      } catch (error) {
        assert.ok(error instanceof PeerError)
      }
    }),
  )
})
