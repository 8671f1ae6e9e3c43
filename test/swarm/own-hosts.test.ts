import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OwnHosts } from '../../src/swarm/own-hosts.js'

const OURS = Uint8Array.of(198, 51, 100, 7)
const LIE = Uint8Array.of(203, 0, 113, 9)

function heard(votes: readonly (readonly [string, Uint8Array])[]): OwnHosts {
  const hosts = new OwnHosts()
  for (const [from, address] of votes) hosts.heard(from, address)
  return hosts
}

test('what three hosts say is believed, for addresses of that family', () => {
  const hosts = heard(['10.0.0.1', '10.0.0.2'].map((from) => [from, OURS]))
  assert.equal(hosts.besides('192.0.2.1'), undefined)
  hosts.heard('10.0.0.3', OURS)
  assert.equal(hosts.besides('192.0.2.1'), '198.51.100.7')
  assert.equal(hosts.besides('2001:db8::1'), undefined)
  assert.equal(hosts.besides('nonsense'), undefined)
})

test('each family has an address of its own', () => {
  const six = Uint8Array.of(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7)
  const hosts = heard(
    [1, 2, 3].flatMap((n) => [[`10.0.0.${n}`, OURS] as const, [`10.0.1.${n}`, six] as const]),
  )
  assert.equal(hosts.besides('192.0.2.1'), '198.51.100.7')
  assert.equal(hosts.besides('2001:db8::1'), '2001:db8:0:0:0:0:0:7')
})

test('one host has one vote, however often it says something', () => {
  const hosts = heard([1, 2, 3, 4].map(() => ['10.0.0.1', LIE]))
  assert.equal(hosts.besides('192.0.2.1'), undefined)
})

test('nobody is believed where half of them disagree', () => {
  const liars = [1, 2, 3, 4].map((n) => [`10.0.1.${n}`, LIE] as const)
  const hosts = heard([...liars, ...[1, 2, 3, 4].map((n) => [`10.0.0.${n}`, OURS] as const)])
  assert.equal(hosts.besides('192.0.2.1'), undefined)
  hosts.heard('10.0.0.5', OURS)
  assert.equal(hosts.besides('192.0.2.1'), '198.51.100.7')
})

test('a new address of ours is learned when enough have seen it', () => {
  const hosts = heard(Array.from({ length: 60 }, (_, n) => [`10.0.0.${n}`, LIE]))
  for (let n = 0; n < 26; n++) hosts.heard(`10.0.1.${n}`, OURS)
  assert.equal(hosts.besides('192.0.2.1'), '198.51.100.7')
})
