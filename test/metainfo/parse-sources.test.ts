import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BencodeDict } from '../../src/core/bencode/bencode-value.js'
import { decodeBencode } from '../../src/core/bencode/decode-bencode.js'
import { encodeBencode } from '../../src/core/bencode/encode-bencode.js'
import { parseNodes, parseTrackers, parseWebSeeds } from '../../src/metainfo/parse-sources.js'
import type { Fields } from './torrent-bytes.js'

function dict(fields: Fields): BencodeDict {
  return decodeBencode(encodeBencode(fields), { depth: 10, tokens: 10_000 }) as BencodeDict
}

test('a lone announce is one tier of one', () => {
  assert.deepEqual(parseTrackers(dict({ announce: 'http://a/announce' })), [['http://a/announce']])
})

test('the announce list wins over announce, and keeps its tiers', () => {
  const list = [['http://a/', 'udp://b:80/announce'], ['https://c/?x=1']]
  assert.deepEqual(parseTrackers(dict({ announce: 'http://z/', 'announce-list': list })), list)
})

test('an announce list without a usable URL leaves announce', () => {
  for (const list of [[], [[]], [['', ' ']], [[1]], 'x', [['tracker.example:80/announce']]]) {
    const trackers = parseTrackers(dict({ announce: 'http://a/', 'announce-list': list }))
    assert.deepEqual(trackers, [['http://a/']])
  }
})

test('a tier that is a bare URL is a tier of one', () => {
  assert.deepEqual(parseTrackers(dict({ 'announce-list': ['http://a/', ['http://b/']] })), [
    ['http://a/'],
    ['http://b/'],
  ])
})

test('URLs come trimmed, once, and in a scheme that trackers have', () => {
  const list = [
    ['\t udp://test.com/announce', 'wss://w/', 'ftp://f/', 'file:///etc/passwd', 'http:///', 'javascript:1'],
    ['udp://test.com/announce'],
    [' http://a/ ', 'http://a/'],
  ]
  assert.deepEqual(parseTrackers(dict({ 'announce-list': list })), [
    ['udp://test.com/announce', 'wss://w/'],
    ['http://a/'],
  ])
})

test('characters that have no place in a URL are escaped', () => {
  assert.deepEqual(parseWebSeeds(dict({ 'url-list': 'http://t/test file/\x1b[é' }), 'url-list'), [
    'http://t/test%20file/%1B[%C3%A9',
  ])
})

test('web seeds are a URL or a list of them, over http', () => {
  assert.deepEqual(parseWebSeeds(dict({ 'url-list': 'http://a/f' }), 'url-list'), ['http://a/f'])
  const list = ['', 'https://a/', 'https://a/', 'ftp://b/', 'udp://c/', 7, 'http://d/']
  assert.deepEqual(parseWebSeeds(dict({ 'url-list': list }), 'url-list'), ['https://a/', 'http://d/'])
  assert.deepEqual(parseWebSeeds(dict({ 'url-list': '' }), 'url-list'), [])
  assert.deepEqual(parseWebSeeds(dict({}), 'url-list'), [])
})

test('the web seeds of BEP 17 are a list of their own', () => {
  const torrent = dict({
    'url-list': 'http://a/f',
    httpseeds: ['http://b/seed.php', 'http://b/seed.php', 'ftp://c/'],
  })
  assert.deepEqual(parseWebSeeds(torrent, 'httpseeds'), ['http://b/seed.php'])
  assert.deepEqual(parseWebSeeds(torrent, 'url-list'), ['http://a/f'])
})

test('nodes are pairs of a host and a port', () => {
  const nodes = [
    ['127.0.0.1', 6881],
    ['router.example.com', 65_535],
    ['2001:db8::1', 1],
    ['', 1],
    ['a b', 1],
    ['x', 0],
    ['x', 65_536],
    ['x'],
    'x',
    [1, 'x'],
  ]
  assert.deepEqual(parseNodes(dict({ nodes })), [
    { host: '127.0.0.1', port: 6881 },
    { host: 'router.example.com', port: 65_535 },
    { host: '2001:db8::1', port: 1 },
  ])
})

test('no torrent turns its readers on thousands of hosts', () => {
  const urls = Array.from({ length: 2000 }, (_, i) => `http://h${i}/`)
  const nodes = Array.from({ length: 2000 }, () => ['127.0.0.1', 1])
  assert.equal(parseTrackers(dict({ 'announce-list': urls.map((url) => [url]) })).length, 500)
  assert.equal(parseTrackers(dict({ 'announce-list': [urls] })).flat().length, 500)
  assert.equal(parseWebSeeds(dict({ 'url-list': urls }), 'url-list').length, 100)
  assert.equal(parseNodes(dict({ nodes })).length, 100)
})
