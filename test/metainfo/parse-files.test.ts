import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseMetainfo } from '../../src/metainfo/parse-metainfo.js'
import { multiFileBytes, torrentBytes } from './torrent-bytes.js'

test('web servers are asked for the names that the metainfo has, cleaned or not', () => {
  const { files } = parseMetainfo(multiFileBytes([['con', 'a/b'], ['plain']], { name: 'set. ' }))
  assert.deepEqual(
    files.map((file) => [file.path, file.webPath]),
    [
      [
        ['set', '_con', 'ab'],
        ['set. ', 'con', 'a/b'],
      ],
      [
        ['set', 'plain'],
        ['set. ', 'plain'],
      ],
    ],
  )
  const [single] = parseMetainfo(torrentBytes({ name: '../x' })).files
  assert.deepEqual([single!.path, single!.webPath], [['..x'], ['../x']])
})
