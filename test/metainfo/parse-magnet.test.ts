import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { MetainfoError, type MetainfoFault } from '../../src/core/errors.js'
import { magnetLink } from '../../src/metainfo/magnet-link.js'
import { isMagnet, parseMagnet } from '../../src/metainfo/parse-magnet.js'

const HEX = '0123456789abcdef0123456789abcdef01234567'
const BASE32 = 'AERUKZ4JVPG66AJDIVTYTK6N54ASGRLH'
const LINK = `magnet:?xt=urn:btih:${HEX}`

function assertRefused(source: string, code: MetainfoFault): void {
  const isExpected = (error: unknown) => error instanceof MetainfoError && error.code === code
  assert.throws(() => parseMagnet(source), isExpected, source.slice(0, 100))
}

test('an info hash is the same in hex and base32, in either case, in a link and bare', () => {
  const texts = [HEX, HEX.toUpperCase(), BASE32, BASE32.toLowerCase()]
  for (const text of texts) {
    for (const source of [text, `magnet:?xt=urn:btih:${text}`, `MAGNET:?XT=URN:BTIH:${text}`]) {
      assert.ok(isMagnet(source))
      const { infoHash } = parseMagnet(source)
      assert.equal(infoHash.hex, HEX)
      assert.equal(Buffer.from(infoHash.bytes).toString('hex'), HEX)
    }
  }
})

test('a bare info hash says nothing else', () => {
  const { infoHash, ...rest } = parseMagnet(HEX)
  const nothing = { trackers: [], webSeeds: [], torrentUrls: [], peers: [] }
  assert.deepEqual(rest, { ...nothing, name: undefined, files: undefined })
})

test('all that a link can say is understood', () => {
  const magnet = parseMagnet(
    `${LINK}&dn=Caf%C3%A9+set&tr=udp%3A%2F%2Fa.example%3A6969&tr.1=http://b.example/announce` +
      '&ws=https%3A%2F%2Fc.example%2Ffiles%2F&xs=http://d.example/x.torrent&as=http://e.example/x.torrent' +
      '&x.pe=203.0.113.5:6881&x.pe=[2001:db8::1]:1&x.pe=host.example:65535&so=0,2,6-8',
  )
  assert.equal(magnet.name, 'Café set')
  assert.deepEqual(magnet.trackers, [['udp://a.example:6969'], ['http://b.example/announce']])
  assert.deepEqual(magnet.webSeeds, ['https://c.example/files/'])
  assert.deepEqual(magnet.torrentUrls, ['http://d.example/x.torrent', 'http://e.example/x.torrent'])
  assert.deepEqual(magnet.peers, [
    { host: '203.0.113.5', port: 6881 },
    { host: '2001:db8::1', port: 1 },
    { host: 'host.example', port: 65535 },
  ])
  assert.deepEqual(magnet.files, [
    { first: 0, last: 0 },
    { first: 2, last: 2 },
    { first: 6, last: 8 },
  ])
})

test('the links that we make are understood', () => {
  const metainfo = {
    infoHash: parseMagnet(HEX).infoHash,
    name: 'a & b = c + d #?%',
    trackers: [['http://t.example/a?key=1&x=2', 'udp://u.example:1']],
    webSeeds: ['https://w.example/a%20b?c=1+1'],
  }
  const magnet = parseMagnet(magnetLink({ ...metainfo, name: 'a & b = c #?%' }))
  assert.equal(magnet.infoHash.hex, HEX)
  assert.equal(magnet.name, 'a & b = c #?%')
  assert.deepEqual(magnet.trackers.flat(), metainfo.trackers.flat())
  assert.deepEqual(magnet.webSeeds, metainfo.webSeeds)
})

test('what makes no sense beside the info hash is left out', () => {
  const magnet = parseMagnet(
    `${LINK}&tr=&tr=nonsense&tr=ftp://a/&tr=http://&ws=udp://a:1&ws=file:///etc/passwd&xs=urn:btpk:00` +
      '&x.pe=a&x.pe=a:0&x.pe=a:65536&x.pe=a/b:1&x.pe=[::1:1&so=a,-1,3-1,1-,99999999999&dn=&&=&%&unknown=1',
  )
  const { infoHash, ...rest } = magnet
  const nothing = { trackers: [], webSeeds: [], torrentUrls: [], peers: [] }
  assert.deepEqual(rest, { ...nothing, name: undefined, files: undefined })
})

test('a tracker that comes twice is asked once', () => {
  assert.deepEqual(parseMagnet(`${LINK}&tr=http://a/&tr=http://a/`).trackers, [['http://a/']])
})

test('what is not well percent-encoded stays as it is', () => {
  assert.equal(parseMagnet(`${LINK}&dn=50%`).name, '50%')
})

test('a name holds nothing that a terminal would obey', () => {
  assert.equal(parseMagnet(`${LINK}&dn=a%1B%5B2Jb%E2%80%AEc`).name, 'a[2Jbc')
})

test('an info hash of version 2 is refused unless one of version 1 is beside it', () => {
  const v2 = `xt=urn:btmh:1220${'ab'.repeat(32)}`
  assertRefused(`magnet:?${v2}`, 'V2_ONLY')
  assertRefused('ab'.repeat(32), 'V2_ONLY')
  assert.equal(parseMagnet(`magnet:?${v2}&xt=urn:btih:${HEX}`).infoHash.hex, HEX)
  assert.equal(parseMagnet(`magnet:?xt.1=urn:btih:${HEX}&xt.2=urn:btmh:1220ff`).infoHash.hex, HEX)
})

test('a link without exactly one good info hash is refused', () => {
  const broken = [
    'magnet:',
    'magnet:?',
    'magnet:?dn=x',
    'magnet:?xt=',
    'magnet:?xt=urn:btih:',
    `magnet:?xt=urn:btih:${HEX}0`,
    `magnet:?xt=urn:btih:${HEX.slice(1)}`,
    `magnet:?xt=urn:btih:${BASE32.replace('A', '1')}`,
    `magnet:?xt=urn:sha1:${HEX}`,
    `magnet:?xt=${HEX}`,
    `${LINK}&xt=urn:btih:${'f'.repeat(40)}`,
    `${LINK}&xt=urn:btih:x`,
  ]
  for (const link of broken) assertRefused(link, 'BAD_MAGNET')
})

test('the same info hash twice is one torrent', () => {
  assert.equal(parseMagnet(`${LINK}&xt=urn:btih:${BASE32}`).infoHash.hex, HEX)
})

test('endless links are refused, and long lists are cut', () => {
  assertRefused(`${LINK}&dn=${'x'.repeat(100_000)}`, 'BAD_MAGNET')
  assertRefused(LINK + '&a'.repeat(2_000), 'BAD_MAGNET')
  const many = Array.from({ length: 1_900 }, (_, nth) => nth)
  assert.equal(parseMagnet(LINK + many.map((nth) => `&tr=http://${nth}.b/`).join('')).trackers.length, 500)
  assert.equal(parseMagnet(LINK + many.map((nth) => `&ws=http://${nth}.b/`).join('')).webSeeds.length, 100)
  assert.equal(parseMagnet(LINK + many.map((nth) => `&x.pe=a:${nth + 1}`).join('')).peers.length, 100)
  assert.equal(parseMagnet(LINK + many.map((nth) => `&xs=http://a/${nth}`).join('')).torrentUrls.length, 10)
  const ranges = parseMagnet(`${LINK}&so=${'1,'.repeat(40_000)}`).files
  assert.equal(ranges?.length, 10_000)
  assert.equal(parseMagnet(`${LINK}&dn=${'x'.repeat(5_000)}`).name?.length, 1_000)
})

test('paths and URLs are not taken for magnet links or info hashes', () => {
  for (const source of [
    'a.torrent',
    '/magnet',
    'http://a/magnet:',
    HEX.slice(1),
    `${HEX}.torrent`,
    '-',
    '',
  ]) {
    assert.equal(isMagnet(source), false, source)
  }
})

test('any link gives a magnet or a MetainfoError, and nothing else', () => {
  const part = fc.constantFrom(
    'xt=',
    'urn:btih:',
    HEX,
    BASE32,
    '&',
    '=',
    'tr=',
    '%',
    'so=',
    '1-2',
    ',',
    'x.pe=',
    '[',
    ']:1',
  )
  fc.assert(
    fc.property(fc.array(fc.oneof(part, fc.string()), { maxLength: 15 }), (parts) => {
      try {
        assert.match(parseMagnet(`magnet:?${parts.join('')}`).infoHash.hex, /^[0-9a-f]{40}$/)
      } catch (error) {
        assert.ok(error instanceof MetainfoError)
      }
    }),
    { numRuns: 1_000 },
  )
})
