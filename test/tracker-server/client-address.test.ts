import assert from 'node:assert/strict'
import { test } from 'node:test'
import { writeIp } from '../../src/core/ip-bytes.js'
import { behindProxies, isPrivate, rangesOf } from '../../src/tracker-server/client-address.js'

const proxies = rangesOf(['10.0.0.0/8', '::1', '2001:db8::/32'])!

test('without a trusted proxy the header counts for nothing', () => {
  assert.equal(behindProxies('192.0.2.1', '203.0.113.7', proxies), '192.0.2.1')
})

test('behind trusted proxies the client is the last that none of them is', () => {
  assert.equal(behindProxies('10.0.0.1', '203.0.113.7', proxies), '203.0.113.7')
  assert.equal(behindProxies('10.0.0.1', '198.51.100.1, 203.0.113.7, 10.2.3.4', proxies), '203.0.113.7')
  assert.equal(behindProxies('::1', '2001:db9::5', proxies), '2001:db9::5')
  assert.equal(behindProxies('::ffff:10.0.0.1', '203.0.113.7', proxies), '203.0.113.7')
})

test('a header that is empty or broken leaves the address that it came with', () => {
  for (const header of [undefined, '', ',', 'unknown', '203.0.113.7:80', '1.2.3.4, nonsense']) {
    assert.equal(behindProxies('10.0.0.1', header, proxies), '10.0.0.1')
  }
})

test('ranges that are none are refused by name', () => {
  for (const text of ['', 'x', '10.0.0.0/33', '::/129', '10.0.0.0/', '10.0.0.0/8/8', '10.0.0.0/-1']) {
    assert.throws(() => rangesOf([text]), RangeError, text)
  }
  assert.equal(rangesOf([]), undefined)
})

test('private addresses are those that nobody routes', () => {
  const address = new Uint8Array(16)
  const judge = (text: string) => isPrivate(address, writeIp(text, address)!)
  const inside = [
    '10.1.1.1',
    '127.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.3.4',
    '169.254.1.1',
    '100.64.0.1',
  ]
  for (const text of [...inside, '::1', 'fd00::1', 'fe80::1']) assert.equal(judge(text), true, text)
  const outside = ['11.0.0.1', '172.15.0.1', '172.32.0.1', '192.167.0.1', '100.128.0.1', '8.8.8.8']
  for (const text of [...outside, '::2', '2001:db8::1', 'ff02::1']) assert.equal(judge(text), false, text)
})
