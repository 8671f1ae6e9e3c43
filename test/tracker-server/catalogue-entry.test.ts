import assert from 'node:assert/strict'
import { basename, join, sep } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { fileNameOf, toEntryName } from '../../src/tracker-server/catalogue-entry.js'

test('a plain name is taken, with or without .torrent', () => {
  assert.equal(toEntryName('debian-12'), 'debian-12')
  assert.equal(toEntryName('debian-12.torrent'), 'debian-12')
  assert.equal(toEntryName(encodeURIComponent('Ünïcode name (1)')), 'Ünïcode name (1)'.normalize('NFC'))
})

test('what could be a path, a hidden file, a device or nothing is refused', () => {
  const bad = [
    '',
    '.',
    '..',
    '.hidden',
    '.torrent',
    'a/b',
    'a\\b',
    '../a',
    'con',
    'a:',
    'a?',
    'a\0b',
    'a\nb',
    'a ',
    'a.',
  ]
  for (const name of [...bad, '\u202etxt.exe', 'a'.repeat(201)]) {
    assert.equal(toEntryName(encodeURIComponent(name)), undefined, JSON.stringify(name))
  }
  assert.equal(toEntryName('%'), undefined)
  assert.equal(toEntryName('%ff'), undefined)
})

test('whatever is taken is the name of one file in the folder', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.webPath())
  fc.assert(
    fc.property(text, (encoded) => {
      const name = toEntryName(encoded)
      if (name === undefined) return
      const path = join(`${sep}folder`, fileNameOf(name))
      assert.equal(path, `${sep}folder${sep}${fileNameOf(name)}`)
      assert.equal(basename(path), fileNameOf(name))
      assert.ok(Buffer.byteLength(basename(path)) < 220)
    }),
  )
})
