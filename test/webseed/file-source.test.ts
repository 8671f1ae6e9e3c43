import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Geometry } from '../../src/core/geometry.js'
import { FileSource } from '../../src/webseed/file-source.js'

/** Files of ten bytes each. */
function sourceOf(url: string, paths: readonly (readonly string[])[] = PATHS): FileSource {
  const files = paths.map((webPath, at) => ({ webPath, isPadding: false, offset: 10 * at, length: 10 }))
  return new FileSource(url, files, new Geometry(10 * files.length, 16_384, files))
}

const PATHS = [
  ['set', 'a b'],
  ['set', 'sub', 'c'],
  ['set', '..'],
]

function placeOf(source: FileSource, fileIndex: number) {
  return source.placeOf(source.resourceAt(10 * fileIndex))
}

function hrefOf(source: FileSource, fileIndex: number): string | undefined {
  return placeOf(source, fileIndex)?.url.href
}

test('a file that was moved is asked for there, and the others at their first place', () => {
  const source = sourceOf('http://h/d/')
  source.redirected(0, new URL('http://m/x?id=1'))
  assert.equal(hrefOf(source, 0), 'http://m/x?id=1')
  assert.equal(placeOf(source, 0)?.isRemembered, true)
  assert.equal(hrefOf(source, 1), 'http://h/d/set/sub/c')
  assert.equal(placeOf(source, 1)?.isRemembered, false)
  source.forgetRedirects(0)
  assert.equal(hrefOf(source, 0), 'http://h/d/set/a%20b')
})

test('when a file was moved with its whole path, so were the others', () => {
  const source = sourceOf('http://h/d')
  source.redirected(0, new URL('https://mirror/pub/set/a%20b'))
  assert.equal(hrefOf(source, 1), 'https://mirror/pub/set/sub/c')
  assert.equal(placeOf(source, 1)?.isRemembered, true)
  source.forgetRedirects(1)
  assert.equal(hrefOf(source, 0), 'http://h/d/set/a%20b')
})

test('the URL of a single file says nothing of a folder', () => {
  const source = sourceOf('http://h/latest', [['f.iso']])
  source.redirected(0, new URL('http://h/pool/f.iso'))
  assert.equal(hrefOf(source, 0), 'http://h/pool/f.iso')
  source.forgetRedirects(0)
  assert.equal(hrefOf(source, 0), 'http://h/latest')
})

test('a file that no URL can name is nowhere', () => {
  assert.equal(placeOf(sourceOf('http://h/'), 2), undefined)
})

test('only so many moved files are remembered', () => {
  const paths = Array.from({ length: 3_000 }, (_, at) => ['set', `f${at}`])
  const source = sourceOf('http://h/', paths)
  for (const at of paths.keys()) source.redirected(at, new URL(`http://m/${at}`))
  const moved = paths.filter((_, at) => placeOf(source, at)!.isRemembered)
  assert.ok(moved.length <= 1_000)
})

test('a byte is in the file that holds it', () => {
  const source = sourceOf('http://h/')
  assert.deepEqual(source.resourceAt(13), { number: 1, begin: 10, end: 20, isPadding: false })
  assert.deepEqual(source.piecesOf(1), { first: 0, end: 1 })
})
