import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Geometry } from '../../src/core/geometry.js'
import { PieceSource } from '../../src/webseed/piece-source.js'

const geometry = new Geometry(250, 100, [])
const infoHash = Uint8Array.from({ length: 20 }, (_, at) => at * 13)

test('the URL names the torrent, the piece and its bytes, both ends included', () => {
  for (const [base, joined] of [
    ['http://h/seed.php', 'http://h/seed.php?'],
    ['http://h/seed.php?key=1', 'http://h/seed.php?key=1&'],
  ] as const) {
    const source = new PieceSource(base, infoHash, geometry)
    const { url, isRangeInUrl } = source.placeOf(source.resourceAt(230), 10, 50)
    assert.ok(isRangeInUrl)
    assert.ok(url.href.startsWith(`${joined}info_hash=%00%0d%1a%27%34`), url.href)
    assert.ok(url.href.endsWith('%f7&piece=2&ranges=10-49'), url.href)
  }
})

test('a byte is in its piece, and the last piece is shorter', () => {
  const source = new PieceSource('http://h/', infoHash, geometry)
  assert.deepEqual(source.resourceAt(99), { number: 0, begin: 0, end: 100, isPadding: false })
  assert.deepEqual(source.resourceAt(200), { number: 2, begin: 200, end: 250, isPadding: false })
  assert.deepEqual(source.piecesOf(2), { first: 2, end: 3 })
})
