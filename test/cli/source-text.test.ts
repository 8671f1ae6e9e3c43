import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sourceText } from '../../src/cli/source-text.js'

test('passkeys in URLs and in the trackers of a link are left out', () => {
  assert.equal(sourceText('https://me:pw@h:8080/f.torrent?passkey=1'), 'h:8080')
  assert.equal(
    sourceText('magnet:?tr=http%3A%2F%2Fh%2F1%2Fannounce&xt=urn:btih:aa&ws=http://h/1&dn=set'),
    'magnet:?xt=urn:btih:aa&dn=set',
  )
})

test('everything else is called what it was called', () => {
  for (const source of ['a.torrent', 'ab'.repeat(20), 'http:x', 'file:///a.torrent'])
    assert.equal(sourceText(source), source)
  assert.equal(sourceText('-'), 'standard input')
})
