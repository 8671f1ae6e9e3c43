import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatBytes, formatDuration, formatRate, parseBytes } from '../../src/core/units.js'

test('sizes and rates are read in binary units, in either case, with or without iB', () => {
  const cases: [string, number][] = [
    ['0', 0],
    ['1', 1],
    ['512b', 512],
    ['512K', 524_288],
    ['512k', 524_288],
    ['16KiB', 16_384],
    ['20M', 20_971_520],
    ['20mib', 20_971_520],
    ['1.5G', 1_610_612_736],
    ['2T', 2_199_023_255_552],
    [' 7M ', 7_340_032],
    ['0.5', 1],
  ]
  for (const [text, bytes] of cases) assert.equal(parseBytes(text), bytes, text)
})

test('what is not clearly an amount of bytes is refused', () => {
  const bad = ['', ' ', 'M', '-1', '+1', '1e3', '1,5M', '.5M', '5.', '1.2.3', '20MB', '20Mb', '20 M', '20M/s']
  bad.push('0x10', 'NaN', 'Infinity', '9007199254740993', '99999999999999999999', '9999T999', '9000000T')
  for (const text of bad) assert.equal(parseBytes(text), undefined, text)
})

test('any text is either refused or a whole, safe, non-negative number', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const bytes = parseBytes(text)
      assert.ok(bytes === undefined || (Number.isSafeInteger(bytes) && bytes >= 0))
    }),
  )
})

test('every whole number of bytes is read as itself', () => {
  fc.assert(
    fc.property(fc.nat(Number.MAX_SAFE_INTEGER), (bytes) => {
      assert.equal(parseBytes(String(bytes)), bytes)
    }),
  )
})

test('amounts are shown short, in the unit that fits', () => {
  const cases: [number, string][] = [
    [0, '0 B'],
    [1, '1 B'],
    [1023, '1023 B'],
    [1024, '1 KiB'],
    [1536, '1.5 KiB'],
    [16_384, '16 KiB'],
    [102_298, '99.9 KiB'],
    [102_400, '100 KiB'],
    [1_048_064, '1.0 MiB'],
    [1_048_575, '1.0 MiB'],
    [1_048_576, '1 MiB'],
    [122_683_392, '117 MiB'],
    [1_610_612_736, '1.5 GiB'],
    [2 ** 50, '1 PiB'],
    [2 ** 62, '4096 PiB'],
  ]
  for (const [bytes, text] of cases) assert.equal(formatBytes(bytes), text)
  assert.equal(formatRate(1_572_864), '1.5 MiB/s')
})

test('the shown amount is within five percent of the real one', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (bytes) => {
      const shown = parseBytes(formatBytes(bytes).replace('PiB', 'TiB').replace(' ', ''))!
      const scale = formatBytes(bytes).endsWith('PiB') ? 1024 : 1
      assert.ok(Math.abs(shown * scale - bytes) <= bytes * 0.05)
    }),
  )
})

test('durations are shown in their two largest units', () => {
  const cases: [number, string][] = [
    [0, '0s'],
    [0.04, '0s'],
    [0.43, '0.4s'],
    [3, '3s'],
    [9.94, '9.9s'],
    [9.96, '10s'],
    [59.4, '59s'],
    [59.6, '1m 00s'],
    [65, '1m 05s'],
    [3599, '59m 59s'],
    [3599.7, '1h 00m'],
    [3661, '1h 01m'],
    [86_399, '23h 59m'],
    [86_400, '1d 00h'],
    [277_200, '3d 05h'],
  ]
  for (const [seconds, text] of cases) assert.equal(formatDuration(seconds), text)
})
