import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isCrowded } from '../../src/swarm/household-crowd.js'

const times = (count: number, hostOf: (nth: number) => string) =>
  Array.from({ length: count }, (_, nth) => hostOf(nth))

test('one public address, or one network of 64 bits, has so many connections and no more', () => {
  for (const [host, other, hostOf] of [
    ['8.8.8.8', '8.8.4.4', () => '8.8.8.8'],
    ['2a00:1:2:3::1', '2a00:1:2:4::1', (nth: number) => `2a00:1:2:3::${nth.toString(16)}`],
  ] as const) {
    assert.equal(isCrowded(host, [...times(31, hostOf), ...times(100, () => other)]), false)
    assert.equal(isCrowded(host, times(32, hostOf)), true)
    assert.equal(isCrowded(other, times(32, hostOf)), false)
  }
})

test('a network of our own is never a crowd', () => {
  for (const host of ['127.0.0.1', '192.168.1.7', '::1', 'fe80::1%eth0', 'fd00::1']) {
    assert.equal(
      isCrowded(
        host,
        times(500, () => host),
      ),
      false,
    )
  }
})
