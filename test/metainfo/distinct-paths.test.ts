import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { distinctPaths } from '../../src/metainfo/distinct-paths.js'

function distinct(...paths: readonly string[]): string[] {
  return distinctPaths(paths.map((path) => path.split('/'))).map((path) => path.join('/'))
}

test('paths that differ stay as they are', () => {
  assert.deepEqual(distinct('t/a', 't/b', 't/c/a', 'u/a'), ['t/a', 't/b', 't/c/a', 'u/a'])
})

test('a duplicate gets a number before its extension', () => {
  assert.deepEqual(distinct('t/a.txt', 't/a.txt', 't/a.txt'), ['t/a.txt', 't/a (1).txt', 't/a (2).txt'])
})

test('names that some file system takes for one count as duplicates', () => {
  assert.deepEqual(distinct('t/Read.me', 't/READ.ME'), ['t/Read.me', 't/READ (1).ME'])
  assert.deepEqual(distinct('t/\u00e9', 't/e\u0301'), ['t/\u00e9', 't/e\u0301 (1)'])
  assert.deepEqual(distinct('t/stra\u00dfe', 't/STRASSE'), ['t/stra\u00dfe', 't/STRASSE (1)'])
  assert.deepEqual(distinct('T/a', 't/A'), ['T/a', 't/A (1)'])
})

test('a file gives way to a folder of its name, whichever comes first', () => {
  assert.deepEqual(distinct('t/a', 't/A/b'), ['t/a (1)', 't/A/b'])
  assert.deepEqual(distinct('t/a/b/c', 't/a/b', 't/a'), ['t/a/b/c', 't/a/b (1)', 't/a (1)'])
})

test('a path that is right as it stands keeps its name', () => {
  assert.deepEqual(distinct('t/a', 't/a', 't/a (1)'), ['t/a', 't/a (2)', 't/a (1)'])
})

test('a number makes no name too long', () => {
  const long = `t/${'x'.repeat(236)}.txt`
  const [first, second] = distinct(long, long)
  assert.equal(first, long)
  assert.equal(second, `t/${'x'.repeat(225)} (1).txt`)
})

test('a hundred thousand equal names are told apart', () => {
  const paths = distinctPaths(Array.from({ length: 100_000 }, () => ['t', 'a']))
  assert.equal(paths.at(-1)!.join('/'), 't/a (99999)')
})

test('long names that are cut to the same start are told apart without trying every number for each', () => {
  const paths = Array.from({ length: 20_000 }, (_, i) => {
    const name = `${'x'.repeat(230)}${i >> 1}`
    return ['t', name]
  })
  assert.equal(new Set(distinctPaths(paths).map(String)).size, paths.length)
})

const name = fc.constantFrom(
  'a',
  'A',
  'b',
  'a (1)',
  'A (1)',
  'a (2)',
  'a.b',
  '\u00e9',
  'e\u0301',
  'x'.repeat(240),
)
const paths = fc.array(fc.array(name, { minLength: 1, maxLength: 3 }), { maxLength: 30 })

test('no two paths meet, no file is a folder, and nothing but the last name changes', () => {
  fc.assert(
    fc.property(paths, (given) => {
      const result = distinctPaths(given)
      const files = new Set<string>()
      const folders = new Set<string>()
      for (const path of result) {
        const keys = path.map((part) => part.normalize('NFC').toLowerCase())
        files.add(keys.join('/'))
        for (let depth = 1; depth < keys.length; depth++) folders.add(keys.slice(0, depth).join('/'))
      }
      assert.equal(files.size, given.length)
      assert.ok([...files].every((file) => !folders.has(file)))
      for (const [i, path] of result.entries()) assert.deepEqual(path.slice(0, -1), given[i]!.slice(0, -1))
      assert.ok(result.every((path) => Buffer.byteLength(path.at(-1)!) <= 240))
    }),
    { numRuns: 500 },
  )
})
