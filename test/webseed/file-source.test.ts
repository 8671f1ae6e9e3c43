import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FileSource } from '../../src/webseed/file-source.js'

const FILES = [{ webPath: ['set', 'a b'] }, { webPath: ['set', 'sub', 'c'] }, { webPath: ['set', '..'] }]

function hrefOf(source: FileSource, fileIndex: number): string | undefined {
  return source.placeOf(fileIndex)?.url.href
}

test('a file that was moved is asked for there, and the others at their first place', () => {
  const source = new FileSource('http://h/d/', FILES)
  source.redirected(0, new URL('http://m/x?id=1'))
  assert.equal(hrefOf(source, 0), 'http://m/x?id=1')
  assert.equal(source.placeOf(0)?.isRemembered, true)
  assert.equal(hrefOf(source, 1), 'http://h/d/set/sub/c')
  assert.equal(source.placeOf(1)?.isRemembered, false)
  source.forgetRedirects(0)
  assert.equal(hrefOf(source, 0), 'http://h/d/set/a%20b')
})

test('when a file was moved with its whole path, so were the others', () => {
  const source = new FileSource('http://h/d', FILES)
  source.redirected(0, new URL('https://mirror/pub/set/a%20b'))
  assert.equal(hrefOf(source, 1), 'https://mirror/pub/set/sub/c')
  assert.equal(source.placeOf(1)?.isRemembered, true)
  source.forgetRedirects(1)
  assert.equal(hrefOf(source, 0), 'http://h/d/set/a%20b')
})

test('the URL of a single file says nothing of a folder', () => {
  const source = new FileSource('http://h/latest', [{ webPath: ['f.iso'] }])
  source.redirected(0, new URL('http://h/pool/f.iso'))
  assert.equal(hrefOf(source, 0), 'http://h/pool/f.iso')
  source.forgetRedirects(0)
  assert.equal(hrefOf(source, 0), 'http://h/latest')
})

test('a file that no URL can name is nowhere', () => {
  assert.equal(new FileSource('http://h/', FILES).placeOf(2), undefined)
})

test('only so many moved files are remembered', () => {
  const files = Array.from({ length: 3_000 }, (_, at) => ({ webPath: ['set', `f${at}`] }))
  const source = new FileSource('http://h/', files)
  for (const at of files.keys()) source.redirected(at, new URL(`http://m/${at}`))
  const moved = files.filter((_, at) => source.placeOf(at)!.isRemembered)
  assert.ok(moved.length <= 1_000)
})
