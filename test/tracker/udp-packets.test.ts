import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { LIMITS } from '../../src/config.js'
import { TrackerError } from '../../src/core/errors.js'
import type { AnnounceRequest } from '../../src/tracker/announce.js'
import {
  announceQuestion,
  connectQuestion,
  readAnnounceAnswer,
  readConnectAnswer,
  readScrapeAnswer,
  scrapeQuestion,
  setTransaction,
  transactionOf,
} from '../../src/tracker/udp-packets.js'
import { word } from '../kit/udp-tracker.js'

const CONNECTION = Buffer.from('a1a2a3a4a5a6a7a8', 'hex')
const REQUEST: AnnounceRequest = {
  infoHash: Buffer.alloc(20, 0xab),
  peerId: Buffer.from('-SF0100-abcdefghijkl'),
  port: 6881,
  uploaded: 1,
  downloaded: 2,
  left: 5_000_000_000_000,
  numWant: 50,
  event: 'started',
  trackerId: undefined,
  key: 'ffc0ffee',
}

function faultOf(read: () => unknown): string {
  try {
    read()
  } catch (error) {
    assert.ok(error instanceof TrackerError, String(error))
    return `${error.code}: ${error.message}`
  }
  return assert.fail('it was read')
}

test('a connect is as BEP 15 has it', () => {
  const packet = connectQuestion()
  setTransaction(packet, 0xdeadbeef)
  assert.equal(packet.toString('hex'), '0000041727101980' + '00000000' + 'deadbeef')
})

test('an announce is as BEP 15 has it, field by field', () => {
  const packet = announceQuestion(CONNECTION, REQUEST, new URL('udp://tracker.example:80'))
  setTransaction(packet, 7)
  const fields = [
    'a1a2a3a4a5a6a7a8',
    '00000001',
    '00000007',
    'ab'.repeat(20),
    Buffer.from('-SF0100-abcdefghijkl').toString('hex'),
    '0000000000000002',
    '0000048c27395000',
    '0000000000000001',
    '00000002',
    '00000000',
    'ffc0ffee',
    '00000032',
    '1ae1',
  ]
  assert.equal(packet.toString('hex'), fields.join(''))
})

test('each event has its number', () => {
  const numbers = ([undefined, 'completed', 'started', 'stopped'] as const).map((event) =>
    announceQuestion(CONNECTION, { ...REQUEST, event }, new URL('udp://t:80')).readUInt32BE(80),
  )
  assert.deepEqual(numbers, [0, 1, 2, 3])
})

test('path and query of the URL follow the announce, in parts when they are long', () => {
  const optionsOf = (url: string) => announceQuestion(CONNECTION, REQUEST, new URL(url)).subarray(98)
  assert.equal(optionsOf('udp://t:80/').length, 0)
  assert.equal(optionsOf('udp://t:80/announce?key=1#x').toString('latin1'), '\x02\x0f/announce?key=1')
  const long = optionsOf(`udp://t:80/${'p'.repeat(299)}`)
  assert.deepEqual([long[0], long[1], long[257], long[258], long.length], [2, 255, 2, 45, 304])
  assert.ok(optionsOf(`udp://t:80/${'p'.repeat(1_000_000)}`).length < 1_100)
})

test('a scrape lists its info hashes', () => {
  const packet = scrapeQuestion(CONNECTION, [Buffer.alloc(20, 1), Buffer.alloc(20, 2)])
  assert.equal(packet.toString('hex'), `a1a2a3a4a5a6a7a80000000200000000${'01'.repeat(20)}${'02'.repeat(20)}`)
})

test('an announce answer has peers in the form of its address family', () => {
  const head = [word(1), word(7), word(1800), word(3), word(5)]
  const peer4 = Buffer.from([127, 0, 0, 1, 0x1a, 0xe1])
  const peer6 = Buffer.concat([Buffer.alloc(15), Buffer.from([1, 0x1a, 0xe1])])
  const answer = readAnnounceAnswer(Buffer.concat([...head, peer4, peer4.subarray(0, 5)]), 4)
  assert.deepEqual(answer, {
    peers: [{ host: '127.0.0.1', port: 6881 }],
    intervalMs: 1_800_000,
    minIntervalMs: 120_000,
    trackerId: undefined,
    warning: undefined,
    seedCount: 5,
    leecherCount: 3,
  })
  const { peers } = readAnnounceAnswer(Buffer.concat([...head, peer6, peer6]), 16)
  assert.deepEqual(peers, Array(2).fill({ host: '::1', port: 6881 }))
})

test('intervals that would flood a tracker or silence us are clamped', () => {
  const withInterval = (seconds: number) =>
    readAnnounceAnswer(Buffer.concat([word(1), word(0), word(seconds), word(0), word(0)]), 4)
  assert.equal(withInterval(0).intervalMs, 30_000)
  assert.equal(withInterval(0xffffffff).intervalMs, 86_400_000)
})

test('a refusal carries its reason, on one harmless line', () => {
  const refusal = (text: string) => Buffer.concat([word(3), word(0), Buffer.from(text)])
  for (const read of [
    (packet: Buffer) => readConnectAnswer(packet),
    (packet: Buffer) => readAnnounceAnswer(packet, 4),
    (packet: Buffer) => readScrapeAnswer(packet, 1),
  ]) {
    assert.equal(
      faultOf(() => read(refusal('who\u001b[2J\nare you?\0'))),
      'REFUSED: who [2J are you?',
    )
    assert.equal(
      faultOf(() => read(refusal(''))),
      'REFUSED: no reason given',
    )
    assert.ok(faultOf(() => read(refusal('x'.repeat(60_000)))).length < 250)
  }
})

test('answers that are short or of another kind are bad responses', () => {
  const cases = [
    () => readConnectAnswer(Buffer.alloc(15)),
    () => readConnectAnswer(Buffer.concat([word(1), Buffer.alloc(12)])),
    () => readAnnounceAnswer(Buffer.concat([word(1), Buffer.alloc(15)]), 4),
    () => readAnnounceAnswer(Buffer.alloc(20), 4),
    () => readScrapeAnswer(Buffer.concat([word(2), word(0), Buffer.alloc(23)]), 2),
    () => readScrapeAnswer(Buffer.alloc(0), 0),
  ]
  for (const read of cases) assert.match(faultOf(read), /^BAD_RESPONSE/)
})

test('whatever a packet holds, it is an answer within limits or a TrackerError', () => {
  const action = fc.integer({ min: 0, max: 4 }).map(word)
  const packet = fc.tuple(action, fc.uint8Array({ maxLength: 2_000 })).map((parts) => Buffer.concat(parts))
  fc.assert(
    fc.property(packet, fc.constantFrom(4 as const, 16 as const), (bytes, width) => {
      assert.ok(transactionOf(bytes) === undefined || bytes.length >= 8)
      for (const read of [
        () => assert.equal(readConnectAnswer(bytes).length, 8),
        () => assert.ok(readAnnounceAnswer(bytes, width).peers.length <= LIMITS.peersKnown),
        () => assert.equal(readScrapeAnswer(bytes, 3).length, 3),
      ]) {
        try {
          read()
        } catch (error) {
          if (!(error instanceof TrackerError)) throw error
        }
      }
    }),
  )
})

test('no more peers are taken than a torrent keeps', () => {
  const peers = Buffer.alloc(6 * (LIMITS.peersKnown + 100), 1)
  const packet = Buffer.concat([word(1), word(0), word(1800), word(0), word(0), peers])
  assert.equal(readAnnounceAnswer(packet, 4).peers.length, LIMITS.peersKnown)
})
