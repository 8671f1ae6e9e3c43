import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { AnnounceQuery } from '../../src/tracker-server/announce-query.js'
import { percentEncoded } from './http-queries.js'

const ids = `info_hash=${percentEncoded(new Uint8Array(20).fill(0xe9))}&peer_id=-SF0100-abcdefghijkl`

function read(query: string): AnnounceQuery {
  const announce = new AnnounceQuery()
  assert.equal(announce.read(`/announce?${query}`, '/announce?'.length), undefined)
  return announce
}

function faultOf(query: string): string | undefined {
  return new AnnounceQuery().read(query, 0)
}

test('raw bytes, escapes of either case and plain characters are the same info hash', () => {
  const bytes = Uint8Array.from({ length: 20 }, (_, at) => at * 13)
  for (const text of [percentEncoded(bytes), percentEncoded(bytes).toUpperCase()]) {
    assert.deepEqual(read(`${ids}&info_hash=${text}`).request.infoHash, bytes)
  }
  assert.deepEqual(
    Buffer.from(read(`info_hash=${'a+~\xff'.repeat(5)}&${ids.split('&')[1]}`).request.infoHash),
    Buffer.from('a+~\xff'.repeat(5), 'latin1'),
  )
})

test('any bytes come through their escapes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), (bytes) => {
      assert.deepEqual(read(`${ids}&info_hash=${percentEncoded(bytes)}`).request.infoHash, bytes)
    }),
  )
})

test('the fields of an announce are read in any order', () => {
  const query = read(`left=0&port=51413&numwant=7&event=completed&compact=0&no_peer_id=1&ip=10.1.2.3&${ids}`)
  const { request } = query
  assert.deepEqual(
    [request.isSeed, query.port, request.wantedCount, request.event],
    [true, 51_413, 7, 'completed'],
  )
  assert.deepEqual([query.isCompact, query.omitsPeerIds, query.namedAddress], [false, true, '10.1.2.3'])
})

test('nothing of one announce stays for the next', () => {
  const query = new AnnounceQuery()
  query.read(`left=0&port=1&numwant=7&event=stopped&compact=0&no_peer_id=1&ip=1.2.3.4&${ids}`, 0)
  query.read(ids, 0)
  const { request } = query
  assert.deepEqual(
    [request.isSeed, query.port, request.wantedCount, request.event],
    [false, 0, undefined, 'update'],
  )
  assert.deepEqual([query.isCompact, query.omitsPeerIds, query.namedAddress], [true, false, undefined])
})

test('an info hash or peer id that is missing, short, long or broken is said', () => {
  const bad = [
    '',
    'a',
    'a'.repeat(19),
    'a'.repeat(21),
    `${'a'.repeat(19)}%4`,
    `${'a'.repeat(19)}%`,
    `${'a'.repeat(19)}%gg`,
  ]
  for (const value of bad) {
    assert.match(faultOf(`info_hash=${value}&peer_id=${'a'.repeat(20)}`) ?? '', /info_hash/)
    assert.match(faultOf(`info_hash=${'a'.repeat(20)}&peer_id=${value}`) ?? '', /peer_id/)
  }
})

test('numbers that are none are as good as absent', () => {
  for (const value of ['', '-1', '1.5', '0x10', 'NaN', '1e3', ' 1', '９']) {
    const query = read(`${ids}&port=${value}&numwant=${value}&left=${value}`)
    assert.deepEqual([query.port, query.request.wantedCount, query.request.isSeed], [0, undefined, false])
  }
  assert.equal(read(`${ids}&port=${'9'.repeat(400)}`).port, 65_535)
  assert.equal(read(`${ids}&left=${'0'.repeat(30)}`).request.isSeed, true)
})

test('any query at all is an announce or a reason', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('&', '=', '%', 'info_hash=', 'peer_id=', 'port=', ids),
  )
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const fault = faultOf(pieces.join(''))
      assert.ok(fault === undefined || fault.length > 0)
    }),
  )
})
