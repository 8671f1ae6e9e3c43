import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PexEar } from '../../src/swarm/pex-ear.js'
import { encodePex } from '../../src/wire/pex-messages.js'

const MINUTE_MS = 60_000

function payload(...hosts: readonly string[]): Buffer {
  const added = hosts.map((host) => ({ host, port: 6881, isSeed: false, isReachable: true }))
  return encodePex(1, { added, dropped: [] }).subarray(6)
}

const hostsHeard = (ear: PexEar, hosts: readonly string[]) =>
  ear.hear(payload(...hosts), 0).map(({ host }) => host)

test('a peer on the internet is believed about the internet, a neighbour about neighbours', () => {
  const hosts = [
    '8.8.4.4',
    '10.0.0.9',
    '127.0.0.1',
    '224.0.0.1',
    '0.0.0.0',
    '2a00::1',
    '::1',
    'fd00::1',
    '::',
  ]
  assert.deepEqual(hostsHeard(new PexEar('8.8.8.8', 0), hosts), ['8.8.4.4', '2a00::1'])
  assert.deepEqual(hostsHeard(new PexEar('10.0.0.1', 0), hosts), [
    '8.8.4.4',
    '10.0.0.9',
    '2a00::1',
    'fd00::1',
  ])
  assert.deepEqual(hostsHeard(new PexEar('127.0.0.1', 0), hosts), [
    ...['8.8.4.4', '10.0.0.9', '127.0.0.1'],
    ...['2a00::1', '::1', 'fd00::1'],
  ])
})

test('a peer that keeps to one message a minute is always heard', () => {
  const ear = new PexEar('8.8.8.8', 0)
  for (let minute = 0; minute < 100; minute++) {
    assert.equal(ear.hear(payload('8.8.4.4'), minute * MINUTE_MS).length, 1)
  }
})

test('what comes too early is passed over, and who does nothing else is a fault', () => {
  const ear = new PexEar('8.8.8.8', 0)
  const counts = Array.from({ length: 54 }, () => ear.hear(payload('8.8.4.4'), 0).length)
  assert.equal(
    counts.reduce((sum, count) => sum + count),
    4,
  )
  assert.throws(() => ear.hear(payload('8.8.4.4'), 0), { code: 'FLOODING' })
})

test('who is a little early each time is no flood, however long it stays', () => {
  const ear = new PexEar('8.8.8.8', 0)
  const hours = 24
  let heardCount = 0
  for (let seconds = 0; seconds < hours * 3_600; seconds += 10) {
    heardCount += ear.hear(payload('8.8.4.4'), seconds * 1_000).length
  }
  assert.equal(heardCount, (hours * 3_600) / 45 + 3)
})

test('nonsense is a fault', () => {
  assert.throws(() => new PexEar('8.8.8.8', 0).hear(Buffer.from('nonsense'), 0), { code: 'BAD_MESSAGE' })
})
