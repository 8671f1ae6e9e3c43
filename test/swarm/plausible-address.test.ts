import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PeerSource } from '../../src/core/peer-address.js'
import { plausibleAddress } from '../../src/swarm/plausible-address.js'

const ALL: readonly PeerSource[] = ['user', 'tracker', 'incoming', 'lsd', 'dht', 'pex']

function believers(host: string, port: number): PeerSource[] {
  return ALL.filter((source) => plausibleAddress({ host, port }, source) !== undefined)
}

test('an address has one form, however it is written', () => {
  for (const host of [
    '2606:4700::1111',
    '2606:4700:0:0::1111',
    '2606:4700:0000::0.0.17.17',
    '2606:4700::1111'.toUpperCase(),
  ]) {
    assert.deepEqual(plausibleAddress({ host, port: 1 }, 'user'), { host: '2606:4700::1111', port: 1 })
  }
  for (const host of ['::ffff:1.1.1.1', '::FFFF:101:101', '1.1.1.1']) {
    assert.deepEqual(plausibleAddress({ host, port: 1 }, 'user'), { host: '1.1.1.1', port: 1 })
  }
})

test('strangers send nobody to the services of others, but whom a tracker names may hide behind those of the web', () => {
  for (const port of [1, 22, 25, 53, 445, 587, 1023]) {
    assert.deepEqual(believers('1.1.1.1', port), ['user', 'incoming', 'lsd'], String(port))
  }
  for (const port of [80, 443]) {
    assert.deepEqual(believers('2606:4700::1111', port), ['user', 'tracker', 'incoming', 'lsd'])
  }
  for (const port of [1024, 6881, 65_535]) assert.deepEqual(believers('1.1.1.1', port), ALL)
})

test('nobody is at an address of no host, or at no port', () => {
  for (const host of [
    '0.0.0.0',
    '0.1.2.3',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    'ff02::1',
    'fe80::1',
    'name',
    '',
  ]) {
    assert.deepEqual(believers(host, 6881), [], host)
  }
  for (const port of [0, -1, 65_536, 1.5, Number.NaN]) assert.deepEqual(believers('1.1.1.1', port), [])
})
