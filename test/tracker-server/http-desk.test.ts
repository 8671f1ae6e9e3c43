import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { BencodeDict } from '../../src/core/bencode/bencode-value.js'
import { decodeBencode } from '../../src/core/bencode/decode-bencode.js'
import { HttpDesk } from '../../src/tracker-server/http-desk.js'
import { RegistryCounting } from '../../src/tracker-server/swarm-counting.js'
import { announceQuery, percentEncoded } from './http-queries.js'
import { infoHash, type SampleOptions, sampleTracker } from './sample-tracker.js'

function decoded(body: string): BencodeDict {
  return decodeBencode(Buffer.from(body, 'latin1'), { depth: 10, tokens: 10_000 }) as BencodeDict
}

function httpTracker(options: SampleOptions & { readonly mayName?: boolean } = {}) {
  const tracker = sampleTracker(options)
  const desk = new HttpDesk(tracker.desk, new RegistryCounting(tracker.registry), options.mayName ?? false)
  return {
    ...tracker,
    desk,
    announce: (query: string, client = '10.0.0.1') => decoded(desk.announce(`?${query}`, 1, client)),
    scrape: (query: string) => decoded(desk.scrape(`?${query}`, 1) as string),
  }
}

function hexOf(value: unknown): string {
  return (value as Buffer).toString('hex')
}

function reasonOf(answer: BencodeDict): string {
  return String(answer.get('failure reason'))
}

test('an announce is answered with counts, intervals, compact peers and the address it came from', () => {
  const tracker = httpTracker()
  tracker.announce(`${announceQuery(1, 256)}&left=0`, '10.0.0.2')
  const answer = tracker.announce(announceQuery(1, 6_881))
  const numbers = ['complete', 'incomplete', 'interval', 'min interval'].map((key) => answer.get(key))
  assert.deepEqual(numbers, [1, 1, 1_000, 500])
  assert.equal(hexOf(answer.get('peers')), '0a0000020100')
  assert.equal(hexOf(answer.get('external ip')), '0a000001')
  assert.equal(answer.has('peers6'), false)
})

test('peers of both families are told of, each in its own list', () => {
  const tracker = httpTracker()
  tracker.announce(announceQuery(1, 256), '2001:db8::1')
  tracker.announce(announceQuery(1, 257), '10.0.0.2')
  const answer = tracker.announce(announceQuery(1, 258), '2001:db8::2')
  assert.equal(hexOf(answer.get('peers')), '0a0000020101')
  assert.equal(hexOf(answer.get('peers6')), '20010db80000000000000000000000010100')
  assert.equal((answer.get('external ip') as Buffer).length, 16)
})

test('who prefers dictionaries gets them, without peer ids if it likes', () => {
  const tracker = httpTracker()
  tracker.announce(announceQuery(1, 256), '10.0.0.2')
  tracker.announce(announceQuery(1, 257), '2001:db8::1')
  const peersOf = (more: string) => tracker.announce(announceQuery(1, 1, more)).get('peers') as BencodeDict[]
  const [first, second] = peersOf('&compact=0')
  assert.deepEqual([String(first!.get('ip')), first!.get('port')], ['10.0.0.2', 256])
  assert.equal(String(first!.get('peer id')), 'p'.repeat(20))
  assert.deepEqual([String(second!.get('ip')), second!.get('port')], ['2001:db8:0:0:0:0:0:1', 257])
  assert.equal(
    peersOf('&compact=0&no_peer_id=1').some((peer) => peer.has('peer id')),
    false,
  )
})

test('numwant is heeded, up to what one answer may hold', () => {
  const tracker = httpTracker({ maxPeersPerAnswer: 60 })
  for (let port = 1; port <= 100; port++) tracker.announce(announceQuery(1, port))
  const count = (more: string) =>
    (tracker.announce(announceQuery(1, 1, more)).get('peers') as Buffer).length / 6
  assert.deepEqual(
    ['', '&numwant=0', '&numwant=7', '&numwant=99999', '&numwant=-1'].map(count),
    [50, 0, 7, 60, 50],
  )
})

test('stopped removes, and is told of nobody', () => {
  const tracker = httpTracker()
  tracker.announce(announceQuery(1, 256), '10.0.0.2')
  tracker.announce(announceQuery(1, 1))
  const answer = tracker.announce(announceQuery(1, 1, '&event=stopped'))
  assert.equal(hexOf(answer.get('peers')), '')
  assert.equal(tracker.registry.peerCount, 1)
})

test('ip= is ignored, unless it comes from a private network and such may name their addresses', () => {
  const named = `${announceQuery(1, 256)}&ip=203.0.113.9`
  const seen = (mayName: boolean, client: string) => {
    const tracker = httpTracker({ mayName })
    tracker.announce(named, client)
    return hexOf(tracker.announce(announceQuery(1, 1), '10.9.9.9').get('peers'))
  }
  assert.equal(seen(false, '10.0.0.2'), '0a0000020100')
  assert.equal(seen(true, '198.51.100.7'), 'c63364070100')
  assert.equal(seen(true, '10.0.0.2'), 'cb0071090100')
  const tracker = httpTracker({ mayName: true })
  tracker.announce(`${announceQuery(1, 256)}&ip=nonsense`, '10.0.0.2')
  assert.equal(hexOf(tracker.announce(announceQuery(1, 1)).get('peers')), '0a0000020100')
})

test('what is wrong comes back as a failure reason', () => {
  const tracker = httpTracker({ torrents: { permits: (wanted) => wanted[0] !== 2 } })
  assert.match(reasonOf(tracker.announce('port=1')), /info_hash/)
  assert.match(reasonOf(tracker.announce(announceQuery(1, 0))), /port/)
  assert.match(reasonOf(tracker.announce(announceQuery(2, 1))), /does not serve/)
  assert.match(reasonOf(tracker.announce(announceQuery(1, 1), 'not an address')), /address/)
  assert.match(reasonOf(tracker.scrape('info_hash=abc')), /info_hash/)
  assert.match(reasonOf(tracker.scrape(`info_hash=${'a'.repeat(20)}&`.repeat(75))), /at most 74/)
  assert.equal(tracker.desk.counts.errors, 6)
  assert.equal(tracker.registry.peerCount, 0)
})

test('a scrape tells of the torrents it names, in order, and of those that nobody shares', () => {
  const tracker = httpTracker({ torrents: { permits: (wanted) => wanted[0] !== 3 } })
  tracker.announce(`${announceQuery(2, 1)}&left=0&event=completed`)
  const names = [2, 3, 1].map((torrent) => `info_hash=${percentEncoded(infoHash(torrent))}`)
  const body = tracker.desk.scrape(`?${names.join('&')}`, 1)
  const entry = (torrent: number, seeds: number) =>
    `20:${String.fromCharCode(torrent).repeat(20)}` +
    `d8:completei${seeds}e10:downloadedi${seeds}e10:incompletei0ee`
  assert.equal(body, `d5:filesd${entry(1, 0)}${entry(2, 1)}ee`)
})

test('a scrape of everything works while everything is little', () => {
  const tracker = httpTracker({ limits: { maxSwarms: 5_000 } })
  tracker.announce(announceQuery(1, 1))
  assert.equal((tracker.scrape('').get('files') as BencodeDict).size, 1)
  for (let torrent = 0; torrent < 1_001; torrent++) {
    const hash = Buffer.alloc(20)
    hash.writeUInt32BE(torrent)
    tracker.announce(`${announceQuery(1, 1)}&info_hash=${percentEncoded(hash)}`)
  }
  assert.match(reasonOf(tracker.scrape('')), /too many/)
})

test('any query is answered in sound bencode', () => {
  const tracker = httpTracker()
  const piece = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('&', '=', '%zz', announceQuery(1, 9), '&compact=0'),
  )
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      assert.ok(tracker.announce(pieces.join('')).size > 0)
      assert.ok(tracker.scrape(pieces.join('')).size > 0)
    }),
  )
})
