import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { cleanName } from '../../src/metainfo/clean-name.js'

const HASH = 'ab'.repeat(20)

const CASES: readonly (readonly [raw: string, clean: string | undefined])[] = [
  ['plain.txt', 'plain.txt'],
  ['été 2024 – 東京.mkv', 'été 2024 – 東京.mkv'],
  ['.hidden', '.hidden'],
  ['a...b', 'a...b'],
  // Parents and what becomes one once its mask is off.
  ['', undefined],
  ['.', undefined],
  ['..', undefined],
  ['...', undefined],
  ['. . .', undefined],
  ['./.', undefined],
  ['.\\.', undefined],
  ['/..', undefined],
  ['.\u200b.', undefined],
  ['//\\', undefined],
  // Separators and roots.
  ['/etc/passwd', 'etcpasswd'],
  ['temp/../../abc', 'temp....abc'],
  ['\\\\host\\share', 'hostshare'],
  ['C:\\Windows', 'C_Windows'],
  ['c:', 'c_'],
  ['/d:x', 'd_x'],
  // Controls, directions, invisible characters, half pairs.
  ['a\0b', 'a_b'],
  ['\b', '_'],
  ['a\x1b[2Jb\x7f\x9b', 'a_[2Jb__'],
  ['line\nbreak\u2028', 'line_break_'],
  ['foo\u202ecod.exe', 'foocod.exe'],
  ['foo\u200e\u2066\ufeff\u00adbar', 'foobar'],
  ['half \ud800', 'half _'],
  // Trailing dots and spaces.
  ['foobar ', 'foobar'],
  ['abc...', 'abc'],
  ['a. . .', 'a'],
  ['   ', undefined],
  // Devices.
  ['CON', '_CON'],
  ['nul.txt', '_nul.txt'],
  ['Aux .tar.gz', '_Aux .tar.gz'],
  ['com1', '_com1'],
  ['LPT¹.x', '_LPT¹.x'],
  ['con\u200b', '_con'],
  ['conin$', '_conin$'],
  ['console', 'console'],
  ['com10', 'com10'],
  // What we keep beside the data.
  [`.${HASH}.resume`, `_.${HASH}.resume`],
  [`.${HASH}.parts`, `_.${HASH}.parts`],
  [`.${HASH}.torrent.tmp`, `_.${HASH}.torrent.tmp`],
  [`/.${HASH.toUpperCase()}.RE\u017fUME. `, `_.${HASH.toUpperCase()}.RE\u017fUME`],
  [`${HASH}.torrent`, `${HASH}.torrent`],
  [`.${HASH}.resumed`, `.${HASH}.resumed`],
]

test('names become harmless and keep what they can', () => {
  for (const [raw, clean] of CASES) assert.equal(cleanName(raw, 'linux'), clean, JSON.stringify(raw))
})

test('characters that Windows alone forbids are replaced only there', () => {
  assert.equal(cleanName('What? A: "1<2".txt', 'linux'), 'What? A: "1<2".txt')
  assert.equal(cleanName('What? A: "1<2".txt', 'win32'), 'What_ A_ _1_2_.txt')
})

test('an over-long name is cut between characters and keeps its extension', () => {
  assert.equal(cleanName('a'.repeat(300)), 'a'.repeat(240))
  assert.equal(cleanName(`${'a'.repeat(300)}.flac`), `${'a'.repeat(235)}.flac`)
  assert.equal(cleanName(`${'é'.repeat(200)}.flac`), `${'é'.repeat(117)}.flac`)
  assert.equal(cleanName('😀'.repeat(100)), '😀'.repeat(60))
})

test('a long tail after a dot is no extension', () => {
  assert.equal(cleanName(`Vol. ${'x'.repeat(300)}`), `Vol. ${'x'.repeat(235)}`)
})

test('cutting leaves neither a trailing space nor a device nor nothing', () => {
  assert.equal(cleanName(`a${' '.repeat(300)}b`), 'a')
  assert.equal(cleanName(`CON${' '.repeat(300)}b.txt`), '_CON.txt')
  assert.equal(cleanName(`${' '.repeat(300)}b`), undefined)
})

const names = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: fc.constantFrom(...'./\\: cConN1\0\u202e\u200bé😀'), maxLength: 300 }),
)

test('whatever the name, a single harmless component comes out, or nothing', () => {
  fc.assert(
    fc.property(names, fc.constantFrom('linux' as const, 'win32' as const), (raw, platform) => {
      const name = cleanName(raw, platform)
      if (name === undefined) return
      assert.match(name, /^[^/\\\p{Cc}\p{Cf}\p{Cs}]+$/u)
      assert.doesNotMatch(name, /^[a-z]:|[. ]$|^(con|nul|com1) *(\.|$)/i)
      assert.ok(Buffer.byteLength(name) <= 240)
    }),
    { numRuns: 1000 },
  )
})

test('a clean name is not changed again', () => {
  fc.assert(
    fc.property(names, (raw) => {
      const name = cleanName(raw)
      if (name !== undefined) assert.equal(cleanName(name), name)
    }),
  )
})
