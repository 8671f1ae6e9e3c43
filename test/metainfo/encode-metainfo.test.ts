import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeMetainfo, type MetainfoDraft } from '../../src/metainfo/encode-metainfo.js'
import { magnetLink } from '../../src/metainfo/magnet-link.js'
import { parseMetainfo } from '../../src/metainfo/parse-metainfo.js'

const BARE: MetainfoDraft = {
  name: 'data.bin',
  payload: 5,
  pieceLength: 16_384,
  pieceHashes: Buffer.from('h'.repeat(20)),
  isPrivate: false,
  source: undefined,
  trackers: [],
  webSeeds: [],
  comment: undefined,
  createdBy: undefined,
  createdAtSeconds: undefined,
}
const FULL: MetainfoDraft = {
  ...BARE,
  name: 'set',
  payload: [
    { path: ['a'], length: 2 },
    { path: ['b', 'ü'], length: 3 },
  ],
  isPrivate: true,
  source: 'S',
  trackers: [['http://a/', 'http://b/'], ['udp://c:1']],
  webSeeds: ['http://w/', 'http://v/'],
  comment: 'for tests',
  createdBy: 'me',
  createdAtSeconds: 7,
}

function textOf(draft: MetainfoDraft): string {
  return Buffer.from(encodeMetainfo(draft)).toString('latin1')
}

test('a bare draft leaves out whatever it has no word about', () => {
  const info = `d6:lengthi5e4:name8:data.bin12:piece lengthi16384e6:pieces20:${'h'.repeat(20)}e`
  assert.equal(textOf(BARE), `d4:info${info}e`)
})

test('one tracker and one web seed stand alone, several in lists', () => {
  const one = textOf({ ...BARE, trackers: [['http://a/']], webSeeds: ['http://w/'] })
  assert.match(one, /^d8:announce9:http:\/\/a\/4:info/)
  assert.match(one, /8:url-list9:http:\/\/w\/e$/)
  assert.match(textOf(FULL), /13:announce-listll9:http:\/\/a\/9:http:\/\/b\/el9:udp:\/\/c:1ee/)
  assert.match(textOf(FULL), /8:url-listl9:http:\/\/w\/9:http:\/\/v\/ee$/)
})

test('what was written is read again', () => {
  const metainfo = parseMetainfo(encodeMetainfo(FULL))
  assert.deepEqual(
    metainfo.files.map((file) => [file.path.join('/'), file.length]),
    [
      ['set/a', 2],
      ['set/b/ü', 3],
    ],
  )
  assert.equal(metainfo.isPrivate, true)
  assert.deepEqual(metainfo.trackers, FULL.trackers)
  assert.deepEqual(metainfo.webSeeds, FULL.webSeeds)
  assert.deepEqual([metainfo.comment, metainfo.createdBy, metainfo.createdAtSeconds], ['for tests', 'me', 7])
})

test('only what is in the info dict changes the info hash', () => {
  const hashOf = (draft: MetainfoDraft) => parseMetainfo(encodeMetainfo(draft)).infoHash.hex
  const { trackers, webSeeds, comment, createdBy, createdAtSeconds } = FULL
  assert.equal(hashOf({ ...BARE, trackers, webSeeds, comment, createdBy, createdAtSeconds }), hashOf(BARE))
  const hashes = [BARE, { ...BARE, isPrivate: true }, { ...BARE, source: 'S' }, { ...BARE, source: 'T' }]
  assert.equal(new Set(hashes.map(hashOf)).size, 4)
})

test('a magnet link names the torrent and all that has it', () => {
  const metainfo = parseMetainfo(encodeMetainfo({ ...FULL, name: 'a & b' }))
  assert.equal(
    magnetLink(metainfo),
    `magnet:?xt=urn:btih:${metainfo.infoHash.hex}&dn=a%20%26%20b` +
      '&tr=http%3A%2F%2Fa%2F&tr=http%3A%2F%2Fb%2F&tr=udp%3A%2F%2Fc%3A1&ws=http%3A%2F%2Fw%2F&ws=http%3A%2F%2Fv%2F',
  )
})
