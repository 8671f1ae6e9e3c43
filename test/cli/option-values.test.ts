import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InvalidArgumentError } from 'commander'
import {
  duration,
  fileSelector,
  hostPort,
  nodeHostPort,
  rate,
  ratio,
  repeated,
  webUrl,
  wholeNumber,
} from '../../src/cli/option-values.js'

test('a whole number is taken within its range and nowhere else', () => {
  const port = wholeNumber(1, 65_535)
  assert.equal(port('1'), 1)
  assert.equal(port('65535'), 65_535)
  for (const text of ['0', '65536', '', ' 1', '1.5', '-1', '1e3', '0x10', 'abc', '9'.repeat(30)]) {
    assert.throws(() => port(text), InvalidArgumentError, text)
  }
})

test('a duration is seconds, or has the unit that it names', () => {
  const timeout = duration(1)
  assert.equal(timeout('30'), 30_000)
  assert.equal(timeout('0.25'), 250)
  assert.equal(timeout('90s'), 90_000)
  assert.equal(timeout('1.5m'), 90_000)
  assert.equal(timeout('12h'), 43_200_000)
  assert.equal(timeout('3650d'), 315_360_000_000)
  for (const text of ['0', '0.0001', '-1', '', 's', '1w', '1 h', '1h30m', '3651d', '1e2', 'Infinity']) {
    assert.throws(() => timeout(text), InvalidArgumentError, text)
  }
  assert.equal(duration(0)('0'), 0)
})

test('a ratio is a plain number from 0 up', () => {
  assert.deepEqual(['0', '1', '2.5'].map(ratio), [0, 1, 2.5])
  for (const text of ['', '-1', '1e9', '.5', '1.', '2x', '1:2', 'Infinity', '1000000']) {
    assert.throws(() => ratio(text), InvalidArgumentError, text)
  }
})

test('a rate is at least 1K, with or without /s', () => {
  assert.equal(rate('512K'), 524_288)
  assert.equal(rate('20M/s'), 20_971_520)
  for (const text of ['0', '1023', '', 'fast', '20MB', '/s'])
    assert.throws(() => rate(text), InvalidArgumentError, text)
})

test('a peer is an IPv4 address, an IPv6 address in brackets or a name, with a port', () => {
  assert.deepEqual(hostPort('203.0.113.5:6881'), { host: '203.0.113.5', port: 6881 })
  assert.deepEqual(hostPort('[2001:db8::1]:1'), { host: '2001:db8::1', port: 1 })
  assert.deepEqual(hostPort('seed-1.example:65535'), { host: 'seed-1.example', port: 65_535 })
  const bad = [
    '',
    'host',
    'host:',
    ':1',
    'host:0',
    'host:65536',
    '::1:80',
    '[::1]',
    '[host]:1',
    'a b:1',
    'a/b:1',
  ]
  for (const text of bad) assert.throws(() => hostPort(text), InvalidArgumentError, text)
})

test('a node of the DHT is no IPv6 address', () => {
  assert.deepEqual(nodeHostPort('node.example:6881'), { host: 'node.example', port: 6881 })
  for (const text of ['[2001:db8::1]:6881', 'node.example'])
    assert.throws(() => nodeHostPort(text), InvalidArgumentError, text)
})

test('a web seed is an http or https URL, as it was written', () => {
  for (const url of ['http://h/a b', 'HTTPS://h:1/d/']) assert.equal(webUrl(url), url)
  for (const text of ['', 'h/d/', 'ftp://h/', 'http://', 'http:h', 'udp://h:1'])
    assert.throws(() => webUrl(text), InvalidArgumentError, text)
})

test('a selection of digits is a file number, any other a glob', () => {
  assert.equal(fileSelector('0'), 0)
  assert.equal(fileSelector('12'), 12)
  assert.equal(fileSelector('*.iso'), '*.iso')
  assert.equal(fileSelector('-1'), '-1')
  assert.throws(() => fileSelector(''), InvalidArgumentError)
})

test('an option that comes several times gathers its values in order', () => {
  const gather = repeated(fileSelector)
  assert.deepEqual(gather('b', gather('1', undefined)), [1, 'b'])
})
