import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { AnnounceRequest } from '../../src/tracker/announce.js'
import { announceUrl } from '../../src/tracker/announce-url.js'

const REQUEST: AnnounceRequest = {
  infoHash: Buffer.from('0123456789abcdeffedcba98765432100a2b7e2d', 'hex'),
  peerId: Buffer.from('-SF0100-abc.~_ &%+#?'),
  port: 6881,
  uploaded: 1,
  downloaded: 2,
  left: 5_000_000_000_000,
  numWant: 50,
  event: 'started',
  trackerId: undefined,
  key: '00c0ffee',
}

function urlOf(tracker: string, changes: Partial<AnnounceRequest> = {}): URL {
  return announceUrl(new URL(tracker), { ...REQUEST, ...changes })
}

test('everything BEP 3 asks for is in the query', () => {
  const query = urlOf('http://t.example/announce').search
  for (const field of [
    'info_hash=%01%23Eg%89%AB%CD%EF%FE%DC%BA%98vT2%10%0A%2B~-',
    'peer_id=-SF0100-abc.~_%20%26%25%2B%23%3F',
    'port=6881',
    'uploaded=1',
    'downloaded=2',
    'left=5000000000000',
    'compact=1',
    'numwant=50',
    'key=00c0ffee',
    'event=started',
  ]) {
    assert.ok(query.slice(1).split('&').includes(field), field)
  }
})

test('any bytes survive the encoding', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), (infoHash) => {
      const encoded = /info_hash=([^&]*)/.exec(urlOf('http://t/a', { infoHash }).href)![1]!
      assert.deepEqual(Buffer.from(unescape(encoded), 'latin1'), Buffer.from(infoHash))
    }),
  )
})

test('a periodic announce names no event, and the tracker id only when there is one', () => {
  assert.doesNotMatch(urlOf('http://t/a', { event: undefined }).search, /event|trackerid/)
  assert.match(urlOf('http://t/a', { trackerId: Buffer.from('a&b') }).search, /&trackerid=a%26b$/)
})

test('the query of the tracker stays in front, as it was written', () => {
  assert.match(
    urlOf('http://t/announce.php?passkey=a%2Fb+c').href,
    /announce\.php\?passkey=a%2Fb\+c&info_hash=/,
  )
  assert.match(urlOf('http://t/announce?').href, /announce\?info_hash=/)
})

test('a fragment is dropped', () => {
  const url = urlOf('http://t/a?x=1#part')
  assert.equal(url.hash, '')
  assert.match(url.href, /\?x=1&info_hash=/)
})

test("the tracker's own URL is not changed", () => {
  const tracker = new URL('http://t/a?x=1#part')
  announceUrl(tracker, REQUEST)
  assert.equal(tracker.href, 'http://t/a?x=1#part')
})
