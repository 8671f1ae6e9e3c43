import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { webSeedUrl } from '../../src/metainfo/web-seed-url.js'

const hrefOf = (base: string, ...webPath: string[]) => webSeedUrl(base, webPath)?.href

test('the URL of a single file is the URL itself, or that of its folder when it ends in a slash', () => {
  assert.equal(hrefOf('http://h/other.iso', 'a.iso'), 'http://h/other.iso')
  assert.equal(hrefOf('http://h/get?id=7', 'a.iso'), 'http://h/get?id=7')
  assert.equal(hrefOf('http://h/d/', 'a.iso'), 'http://h/d/a.iso')
})

test('the URL of several files is that of the folder that holds the torrent, with a slash or without', () => {
  for (const base of ['https://h:8443/d', 'https://h:8443/d/']) {
    assert.equal(hrefOf(base, 'set', 'sub', 'f.bin'), 'https://h:8443/d/set/sub/f.bin')
  }
})

test('names are percent-encoded as UTF-8, one by one', () => {
  assert.equal(
    hrefOf('http://h/', 'a b', 'ü?#', '50%', 'a/b', '..%2f'),
    'http://h/a%20b/%C3%BC%3F%23/50%25/a%2Fb/..%252f',
  )
})

test('a name that would leave its folder has no URL', () => {
  for (const name of ['', '.', '..']) {
    assert.equal(hrefOf('http://h/d/', 'set', name, 'f'), undefined)
    assert.equal(hrefOf('http://h/d/', name), undefined)
  }
})

test('whatever the names, the URL stays below its folder and tells them apart', () => {
  const name = fc.string({ unit: 'binary', minLength: 1 }).filter((text) => text !== '.' && text !== '..')
  fc.assert(
    fc.property(fc.array(name, { minLength: 2, maxLength: 5 }), (webPath) => {
      const url = webSeedUrl('http://h/d/', webPath)!
      assert.equal(url.search + url.hash, '')
      assert.deepEqual(url.pathname.split('/').slice(2).map(decodeURIComponent), webPath)
    }),
  )
})
