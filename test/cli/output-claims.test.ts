import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OutputClaims } from '../../src/cli/output-claims.js'
import { OptionError } from '../../src/core/errors.js'
import { parseMetainfo } from '../../src/metainfo/parse-metainfo.js'
import { samplePayload, torrentBytes } from './sample-torrent.js'

const single = (name: string) => parseMetainfo(torrentBytes({ files: { [name]: samplePayload(100) } }))
const several = (...paths: string[]) =>
  parseMetainfo(
    torrentBytes({
      folder: 'set',
      files: Object.fromEntries(paths.map((path) => [path, samplePayload(10)])),
    }),
  )

test('torrents that write different files may share a folder', () => {
  const claims = new OutputClaims()
  claims.claim('1.torrent', single('a'))
  claims.claim('2.torrent', single('b'))
  claims.claim('3.torrent', several('a', 'sub/b'))
  claims.claim('4.torrent', several('c', 'sub/d'))
})

test('the second torrent that would write a file is refused, and the error names both', () => {
  const claims = new OutputClaims()
  claims.claim('1.torrent', several('x', 'sub/y'))
  assert.throws(
    () => claims.claim('2.torrent', several('z', 'sub/Y')),
    (error: unknown) => {
      assert.ok(error instanceof OptionError)
      assert.equal(error.code, 'DUPLICATE_OUTPUT')
      assert.match(error.message, /set\/sub\/Y.*1\.torrent/)
      return true
    },
  )
})

test('a refused torrent has claimed nothing', () => {
  const claims = new OutputClaims()
  claims.claim('1.torrent', several('x'))
  assert.throws(() => claims.claim('2.torrent', several('z', 'x')), OptionError)
  claims.claim('3.torrent', several('z'))
})
