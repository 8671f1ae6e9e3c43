import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HouseholdCrowd } from '../../src/swarm/household-crowd.js'

/** So many connections to hosts have been made. */
function crowdOf(count: number, hostOf: (nth: number) => string): HouseholdCrowd {
  const crowd = new HouseholdCrowd()
  for (let nth = 0; nth < count; nth++) crowd.enter(hostOf(nth))
  return crowd
}

test('one public address, or one network of 64 bits, has so many connections and no more', () => {
  for (const [host, other, hostOf] of [
    ['8.8.8.8', '8.8.4.4', () => '8.8.8.8'],
    ['2a00:1:2:3::1', '2a00:1:2:4::1', (nth: number) => `2a00:1:2:3::${nth.toString(16)}`],
  ] as const) {
    const crowd = crowdOf(31, hostOf)
    for (let count = 0; count < 100; count++) crowd.enter(other)
    assert.equal(crowd.isComplete(host), false)
    crowd.enter(host)
    assert.equal(crowd.isComplete(host), true)
    assert.equal(crowdOf(32, hostOf).isComplete(other), false)
  }
})

test('who leaves makes room', () => {
  const crowd = crowdOf(32, () => '8.8.8.8')
  crowd.leave('8.8.8.8')
  assert.equal(crowd.isComplete('8.8.8.8'), false)
  crowd.enter('8.8.8.8')
  assert.equal(crowd.isComplete('8.8.8.8'), true)
})

test('a network of our own is never a crowd', () => {
  for (const host of ['127.0.0.1', '192.168.1.7', '::1', 'fe80::1%eth0', 'fd00::1']) {
    assert.equal(crowdOf(500, () => host).isComplete(host), false)
  }
})
