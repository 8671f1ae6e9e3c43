import assert from 'node:assert/strict'
import { posix, win32 } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { cleanPath } from '../../src/metainfo/clean-path.js'
import { parseMetainfo } from '../../src/metainfo/parse-metainfo.js'
import { multiFileBytes } from './torrent-bytes.js'

test('components of which nothing is left are skipped', () => {
  assert.deepEqual(cleanPath(['a', '..', '.', '', '/', 'b']), ['a', 'b'])
  assert.deepEqual(cleanPath(['..', '..', 'etc', 'passwd']), ['etc', 'passwd'])
  assert.deepEqual(cleanPath(['/foobar']), ['foobar'])
})

test('a path of which nothing is left still names a file', () => {
  assert.deepEqual(cleanPath(['']), ['_'])
  assert.deepEqual(cleanPath(['.', '..']), ['_'])
  assert.deepEqual(cleanPath([]), ['_'])
})

test('a path that is deeper than any real one is refused', () => {
  assert.equal(cleanPath(Array(100).fill('a')).length, 100)
  assert.throws(() => cleanPath(Array(101).fill('a')), { code: 'BAD_FILES' })
})

const nastyPart = fc.constantFrom('..', '.', '', '/', '\\', 'C:', '\0', 'a', 'A', 'nul', ' ', 'é', '\u202e')
const rawName = fc.oneof(
  fc.uint8Array({ maxLength: 20 }),
  fc.array(nastyPart, { maxLength: 4 }).map((parts) => Buffer.from(parts.join(''))),
)
const rawPaths = fc.array(fc.array(rawName, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 12 })

/** Where the path leads from a folder, as each system reads it. */
function isInside(path: readonly string[]): boolean {
  const onPosix = posix.relative('/out', posix.resolve('/out', ...path))
  const onWindows = win32.relative('X:\\out', win32.resolve('X:\\out', ...path))
  return onPosix === path.join('/') && onWindows === path.join('\\')
}

test('whatever bytes the names are, every file lies inside, alone in its place', () => {
  fc.assert(
    fc.property(rawName, rawPaths, (name, paths) => {
      const { files } = parseMetainfo(multiFileBytes(paths, { name }))
      const written = files.filter((file) => !file.isPadding)
      const keys = written.map((file) => file.path.join('/').normalize('NFC').toLowerCase())
      const places = new Set(keys)
      assert.equal(places.size, written.length)
      for (const file of written) assert.ok(isInside(file.path), JSON.stringify(file.path))
      for (const key of keys) {
        for (let end = key.indexOf('/'); end !== -1; end = key.indexOf('/', end + 1)) {
          assert.ok(!places.has(key.slice(0, end)), `${key} lies in a file`)
        }
      }
    }),
    { numRuns: 1000 },
  )
})
