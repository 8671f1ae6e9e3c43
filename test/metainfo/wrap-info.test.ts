import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseInfoDict, parseMetainfo } from '../../src/metainfo/parse-metainfo.js'
import { unwrapInfo, wrapInfo } from '../../src/metainfo/wrap-info.js'
import { makeSingle } from '../kit/made-torrent.js'

const { metainfo } = makeSingle(100_000, 32_768)

test('a wrapped info dict is a .torrent of the same info hash, with its trackers and web seeds', () => {
  const trackers = [['http://a.example/announce', 'udp://b.example:1'], ['http://c.example/']]
  const webSeeds = ['http://d.example/', 'http://e.example/']
  const parsed = parseMetainfo(wrapInfo({ infoBytes: metainfo.infoBytes, trackers, webSeeds }))
  assert.equal(parsed.infoHash.hex, metainfo.infoHash.hex)
  assert.deepEqual(parsed.trackers, trackers)
  assert.deepEqual(parsed.webSeeds, webSeeds)
})

test('an info dict is wrapped without trackers and web seeds, and with one of each', () => {
  const bare = wrapInfo({ infoBytes: metainfo.infoBytes, trackers: [], webSeeds: [] })
  assert.deepEqual(parseMetainfo(bare), parseInfoDict(metainfo.infoBytes, { trackers: [], webSeeds: [] }))
  const sources = { trackers: [['http://a.example/announce']], webSeeds: ['http://d.example/'] }
  const one = wrapInfo({ infoBytes: metainfo.infoBytes, ...sources })
  assert.deepEqual(parseMetainfo(one), parseInfoDict(metainfo.infoBytes, sources))
})

test('an info dict comes out as it went in, and only by its own hash', () => {
  const torrent = wrapInfo(metainfo)
  assert.deepEqual(Buffer.from(unwrapInfo(torrent, metainfo.infoHash)!), Buffer.from(metainfo.infoBytes))
  assert.equal(unwrapInfo(torrent, makeSingle(1, 16_384).metainfo.infoHash), undefined)
})

test('no change of a byte gives another info dict', () => {
  const torrent = wrapInfo(metainfo)
  fc.assert(
    fc.property(fc.nat(torrent.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const spoilt = Uint8Array.from(torrent)
      spoilt[at]! ^= change
      const found = unwrapInfo(spoilt, metainfo.infoHash)
      assert.ok(
        found === undefined || createHash('sha1').update(found).digest('hex') === metainfo.infoHash.hex,
      )
    }),
  )
})
