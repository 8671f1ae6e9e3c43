import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeMetainfo } from '../../src/metainfo/describe-metainfo.js'
import { parseMetainfo } from '../../src/metainfo/parse-metainfo.js'
import { torrentBytes } from './torrent-bytes.js'

test('the description is plain, lists what will be written, and counts the whole byte space', () => {
  const files = [
    { length: 5, path: ['a', 'b'] },
    { length: 95, attr: 'p' },
    { path: ['link'], attr: 'l', 'symlink path': ['a'] },
    { length: 0, path: ['empty'] },
  ]
  const info = {
    name: 'set',
    length: undefined,
    files,
    'piece length': 50,
    pieces: Buffer.alloc(40),
    private: 1,
  }
  const root = { 'announce-list': [['http://a/', 'http://b/'], ['udp://c/']], 'url-list': 'http://w/' }
  const metainfo = parseMetainfo(torrentBytes(info, root))
  const description = describeMetainfo(metainfo)
  assert.deepEqual(description, {
    infoHash: metainfo.infoHash.hex,
    name: 'set',
    pieceLength: 50,
    pieceCount: 2,
    totalBytes: 100,
    private: true,
    trackers: ['http://a/', 'http://b/', 'udp://c/'],
    webSeeds: ['http://w/'],
    httpSeeds: [],
    files: [
      { path: 'set/a/b', length: 5 },
      { path: 'set/empty', length: 0 },
    ],
  })
  assert.deepEqual(JSON.parse(JSON.stringify(description)), description)
})
