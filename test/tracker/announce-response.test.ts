import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Bencodable } from '../../src/core/bencode/bencode-value.js'
import { encodeBencode } from '../../src/core/bencode/encode-bencode.js'
import { TrackerError } from '../../src/core/errors.js'
import { parseAnnounceResponse } from '../../src/tracker/announce-response.js'

function answer(fields: Record<string, Bencodable>) {
  return parseAnnounceResponse(encodeBencode(fields))
}

test('an ordinary answer is read whole', () => {
  const read = answer({
    interval: 900,
    'min interval': 300,
    'tracker id': 'abc',
    'warning message': 'slow down',
    complete: 7,
    incomplete: 3,
    peers: Buffer.from([127, 0, 0, 1, 0x1a, 0xe1]),
    peers6: Buffer.from('00000000000000000000000000000001' + '1ae2', 'hex'),
  })
  assert.deepEqual(read, {
    peers: [
      { host: '127.0.0.1', port: 6881 },
      { host: '::1', port: 6882 },
    ],
    intervalMs: 900_000,
    minIntervalMs: 300_000,
    trackerId: Uint8Array.from(Buffer.from('abc')),
    warning: 'slow down',
    seedCount: 7,
    leecherCount: 3,
  })
})

test('an answer with nothing in it is one without peers', () => {
  const { peers, intervalMs, minIntervalMs, ...rest } = answer({})
  assert.deepEqual(
    { peers, intervalMs, minIntervalMs },
    { peers: [], intervalMs: 1_800_000, minIntervalMs: 120_000 },
  )
  assert.deepEqual(new Set(Object.values(rest)), new Set([undefined]))
})

test('dictionary peers count when their host is an address and their port a port', () => {
  const peers = [
    { ip: '10.0.0.1', port: 1, 'peer id': 'x' },
    { ip: '2001:DB8:0:0::1', port: 65_535 },
    { ip: '::ffff:10.0.0.2', port: 2 },
    { ip: 'peer.example', port: 3 },
    { ip: 'fe80::1%eth0', port: 4 },
    { ip: '10.0.0.3', port: 0 },
    { ip: '10.0.0.4', port: 65_536 },
    { ip: '10.0.0.5', port: -1 },
    { ip: '10.0.0.6' },
    { port: 5 },
    'text',
    7,
  ]
  assert.deepEqual(answer({ peers: peers as Bencodable }).peers, [
    { host: '10.0.0.1', port: 1 },
    { host: '2001:db8::1', port: 65_535 },
    { host: '10.0.0.2', port: 2 },
  ])
})

test('peers are capped in every form', () => {
  const compact = Buffer.alloc(6 * 100_000, 9)
  const compact6 = Buffer.alloc(18 * 10_000, 9)
  assert.equal(answer({ peers: compact, peers6: compact6 }).peers.length, 3_000)
  assert.equal(answer({ peers6: compact6 }).peers.length, 3_000)
  const listed = Array.from({ length: 5_000 }, () => ({ ip: '10.0.0.1', port: 1 }))
  assert.equal(answer({ peers: listed }).peers.length, 3_000)
})

test('intervals are clamped to between half a minute and a day', () => {
  for (const [interval, ms] of [
    [0, 30_000],
    [-5, 30_000],
    [Number.MIN_SAFE_INTEGER, 30_000],
    [60, 60_000],
    [Number.MAX_SAFE_INTEGER, 86_400_000],
  ] as const) {
    assert.equal(answer({ interval }).intervalMs, ms)
    assert.equal(
      answer({ interval, 'min interval': 10_000_000 }).minIntervalMs,
      ms,
      'never above the interval',
    )
  }
  const beyond = parseAnnounceResponse(Buffer.from(`d8:intervali${'9'.repeat(400)}ee`))
  assert.equal(beyond.intervalMs, 1_800_000)
})

test('a refusal says when to ask again, within a day, or that there is no use in it', () => {
  const retryAfterMs = (retry: Bencodable): unknown => {
    try {
      return answer({ 'failure reason': 'busy', 'retry in': retry })
    } catch (error) {
      return (error as TrackerError).retryAfterMs
    }
  }
  assert.equal(retryAfterMs(5), 300_000)
  assert.equal(retryAfterMs(10_000_000), 86_400_000)
  assert.equal(retryAfterMs('never'), Number.POSITIVE_INFINITY)
  for (const nonsense of [0, -7, '5', 'Never', ['never']]) assert.equal(retryAfterMs(nonsense), 0)
})

test('a failure reason is a refusal in one clean line', () => {
  const reason = `not\u0000 \u001b[31mregistered\r\n\u202e${'x'.repeat(10_000)}`
  assert.throws(
    () => answer({ 'failure reason': reason, peers: '' }),
    (error) => {
      assert.ok(error instanceof TrackerError)
      assert.equal(error.code, 'REFUSED')
      assert.match(error.message, /^not \[31mregistered x+$/)
      assert.equal(error.message.length, 200)
      return true
    },
  )
  assert.throws(() => answer({ 'failure reason': '\u0007' }), { code: 'REFUSED', message: 'no reason given' })
  assert.throws(() => answer({ 'failure reason': Buffer.from([0xff, 0xfe]) }), { message: 'no reason given' })
})

test('a tracker id too long for a URL and an empty warning are left out', () => {
  const read = answer({ 'tracker id': 'x'.repeat(257), 'warning message': '\n', complete: -1 })
  assert.deepEqual([read.trackerId, read.warning, read.seedCount], [undefined, undefined, undefined])
})

test('with a tracker id nothing else of an answer is kept', () => {
  const { trackerId } = answer({ 'tracker id': 'abc', peers: Buffer.alloc(600_000) })
  assert.equal(trackerId?.buffer.byteLength, 3)
})

test('what is not a bencoded dictionary is a bad response', () => {
  for (const body of [
    '',
    '<html>404</html>',
    'le',
    'i1e',
    'd8:interval',
    'd1:a'.repeat(1000),
    'd1:\u001b0:1:\u001b0:e',
  ]) {
    assert.throws(() => parseAnnounceResponse(Buffer.from(body)), {
      name: 'TrackerError',
      code: 'BAD_RESPONSE',
    })
  }
})

test('no answer, however odd, gives anything but a sound answer or a TrackerError', () => {
  const { odd } = fc.letrec<{ odd: Bencodable }>((tie) => ({
    odd: fc.oneof({ maxDepth: 3 }, fc.maxSafeInteger(), fc.string(), fc.uint8Array(), fc.array(tie('odd'))),
  }))
  const keys = ['interval', 'min interval', 'peers', 'peers6', 'tracker id', 'complete', 'warning message']
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...keys), odd), (fields) => {
      const read = answer(fields)
      assert.ok(read.intervalMs >= 30_000 && read.intervalMs <= 86_400_000)
      assert.ok(read.minIntervalMs <= read.intervalMs)
      for (const { port } of read.peers) assert.ok(port >= 1 && port <= 65_535)
    }),
  )
  fc.assert(
    fc.property(fc.uint8Array(), (body) => {
      assert.throws(() => parseAnnounceResponse(Uint8Array.of(0x64, ...body, 0x78)), TrackerError)
    }),
  )
})
