import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  decodeLocalAnnounce,
  encodeLocalAnnounce,
  type LocalAnnounce,
  MOST_HASHES_PER_PACKET,
} from '../../src/wire/lsd-messages.js'

const HASH = '0123456789abcdef0123456789abcdef01234567'
const GROUP = '239.192.152.143:6771'

const anyHash = fc
  .uint8Array({ minLength: 20, maxLength: 20 })
  .map((bytes) => Buffer.from(bytes).toString('hex'))
const anyAnnounce: fc.Arbitrary<LocalAnnounce> = fc.record(
  {
    port: fc.integer({ min: 1, max: 65_535 }),
    infoHashes: fc.uniqueArray(anyHash, { minLength: 1, maxLength: MOST_HASHES_PER_PACKET }),
    cookie: fc.option(fc.stringMatching(/^[0-9a-z-]{1,20}$/), { nil: undefined }),
  },
  { noNullPrototype: true },
)

function decode(...lines: readonly string[]) {
  return decodeLocalAnnounce(Buffer.from(`${lines.join('\r\n')}\r\n\r\n\r\n`))
}

test('an announce is what the BEP shows', () => {
  const announce = { port: 6881, infoHashes: [HASH], cookie: 'name=value' }
  assert.equal(
    encodeLocalAnnounce(GROUP, announce).toString(),
    `BT-SEARCH * HTTP/1.1\r\nHost: ${GROUP}\r\nPort: 6881\r\nInfohash: ${HASH}\r\ncookie: name=value\r\n\r\n\r\n`,
  )
})

test('what was written is read again, and fits into a packet', () => {
  fc.assert(
    fc.property(anyAnnounce, (announce) => {
      const packet = encodeLocalAnnounce('[ff15::efc0:988f]:6771', announce)
      assert.ok(packet.length <= 1_400)
      assert.deepEqual(decodeLocalAnnounce(packet), announce)
    }),
  )
})

test('other programs may write it in their own way', () => {
  const announce = { port: 51_413, infoHashes: [HASH], cookie: undefined }
  assert.deepEqual(
    decode('bt-search * http/1.1', 'X: y', `INFOHASH:${HASH.toUpperCase()} `, 'port:   51413'),
    announce,
  )
  assert.deepEqual(
    decodeLocalAnnounce(Buffer.from(`BT-SEARCH * HTTP/1.0\nPort: 51413\nInfohash: ${HASH}\n`)),
    announce,
  )
})

test('what is no announce is nothing', () => {
  const first = 'BT-SEARCH * HTTP/1.1'
  assert.equal(decode('GET / HTTP/1.1', 'Port: 1', `Infohash: ${HASH}`), undefined)
  assert.equal(decode(first, `Infohash: ${HASH}`), undefined)
  assert.equal(decode(first, 'Port: 1', 'Infohash: 01234'), undefined)
  for (const port of ['0', '65536', '-1', '1.5', '0x10', '999999', '']) {
    assert.equal(decode(first, `Port: ${port}`, `Infohash: ${HASH}`), undefined, port)
  }
  assert.equal(decode(first, 'Port: 1', `Infohash: ${HASH}`, `X: ${'y'.repeat(2_048)}`), undefined)
})

test('of the torrents in a packet no more count than an honest one has', () => {
  const hashes = Array.from({ length: 38 }, (_, nth) => `Infohash: ${nth.toString(16).padStart(40, '0')}`)
  const announce = decode('BT-SEARCH * HTTP/1.1', 'Port: 1', ...hashes)
  assert.equal(announce?.infoHashes.length, MOST_HASHES_PER_PACKET)
})

test('no packet makes it fail', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 3_000 }),
    fc.string({ maxLength: 500 }).map((text) => Buffer.from(`BT-SEARCH * HTTP/1.1\r\n${text}`)),
    fc.tuple(anyAnnounce, fc.nat(300), fc.nat(255)).map(([announce, at, byte]) => {
      const packet = encodeLocalAnnounce(GROUP, announce)
      packet[at % packet.length] = byte
      return packet
    }),
  )
  fc.assert(
    fc.property(bytes, (packet) => {
      const announce = decodeLocalAnnounce(Buffer.from(packet))
      if (announce === undefined) return
      assert.ok(announce.port > 0 && announce.port <= 65_535)
      for (const infoHash of announce.infoHashes) assert.match(infoHash, /^[0-9a-f]{40}$/)
    }),
  )
})
