import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import { progressLine } from '../../src/cli/progress-line.js'
import { textWidth } from '../../src/cli/terminal-text.js'
import { sampleProgress } from './sample-progress.js'

const plain = (width: number, nameWidth = 11) => ({ width, nameWidth, isColoured: false })

test('a line of 79 columns shows name, bar, percent, rate, ETA and peers', () => {
  const line = progressLine(sampleProgress(), plain(79))
  assert.equal(line, 'payload.bin  [========>             ]   43%   112 MiB/s  ETA 21s       24 peers')
})

test('a narrow line loses the bar, then the peers, the ETA and the rate', () => {
  const at = (width: number) => progressLine(sampleProgress(), plain(width))
  assert.equal(at(60), 'payload.bin   43%   112 MiB/s  ETA 21s       24 peers')
  assert.equal(at(50), 'payload.bin   43%   112 MiB/s  ETA 21s    ')
  assert.equal(at(40), 'payload.bin   43%   112 MiB/s')
  assert.equal(at(25), 'payload.bin   43%')
  assert.equal(at(12), '43% payload…')
  assert.equal(at(3), '43%')
})

test('a long name is shortened before the numbers are', () => {
  const line = progressLine(sampleProgress({ name: 'n'.repeat(300) }), plain(79, 300))
  assert.equal(textWidth(line), 79)
  assert.match(line, /^n{22}… {2}\[=+> +\] {3}43%/)
})

test('the columns stay where they are while the numbers change', () => {
  const early = progressLine(sampleProgress({ etaSeconds: 9, connectedPeers: 1 }), plain(79))
  const late = progressLine(sampleProgress({ etaSeconds: 3000, connectedPeers: 200 }), plain(79))
  assert.equal(early.indexOf(']'), late.indexOf(']'))
  assert.equal(early.indexOf('MiB/s'), late.indexOf('MiB/s'))
  assert.equal(early.length, late.length)
})

test('when nothing comes in, the reason takes the place of the bar', () => {
  const stalled = sampleProgress({ stall: 'no peers; tracker x:\n\u001b[2Jtimed out' })
  assert.equal(progressLine(stalled, plain(79)), 'payload.bin   43%  no peers; tracker x: [2Jtimed out')
  assert.equal(progressLine(stalled, plain(30)), 'payload.bin   43%  no peers; …')
})

test('the phase of checking shows how far the hashing is', () => {
  const checking = sampleProgress({ phase: 'checking', checkedBytes: 1024, bytesToCheck: 4096 })
  const line = progressLine(checking, plain(79))
  assert.match(line, /^payload\.bin {2}\[=+> +\] {3}25% {2}checked 1 KiB of 4 KiB$/)
})

test('a torrent that is seeded shows what goes out, and a narrow line loses the peers first', () => {
  const seeding = sampleProgress({
    phase: 'seeding',
    uploadedBytes: 1000 * 1_048_576,
    uploadBytesPerSecond: 3.1 * 1_048_576,
  })
  const at = (width: number) => progressLine(seeding, plain(width))
  assert.equal(at(79), 'payload.bin  seeding   3.1 MiB/s  1000 MiB uploaded  ratio 0.25    24 peers')
  assert.equal(at(70), 'payload.bin  seeding   3.1 MiB/s  1000 MiB uploaded  ratio 0.25 ')
  assert.equal(at(55), 'payload.bin  seeding   3.1 MiB/s  1000 MiB uploaded')
  assert.equal(at(40), 'payload.bin  seeding   3.1 MiB/s')
  assert.equal(at(25), 'payload.bin  seeding')
  assert.equal(at(15), 'seeding payloa…')
  assert.equal(at(3), 'see')
})

test('a finished or failed torrent shows its phase', () => {
  const done = sampleProgress({ phase: 'complete', completedBytes: 4000 * 1_048_576 })
  assert.match(progressLine(done, plain(79)), /\[=+\] {2}100% {2}complete$/)
  assert.match(progressLine(sampleProgress({ phase: 'failed' }), plain(79)), /43% {2}failed$/)
})

test('100 % is shown only when nothing is missing', () => {
  const almost = sampleProgress({ completedBytes: 4000 * 1_048_576 - 1 })
  assert.match(progressLine(almost, plain(79)), / 99% /)
  assert.match(progressLine(sampleProgress({ totalBytes: 0, completedBytes: 0 }), plain(79)), /100%/)
})

test('an unknown or absurd ETA is left out', () => {
  for (const etaSeconds of [undefined, Number.POSITIVE_INFINITY, Number.NaN, 1e9]) {
    assert.doesNotMatch(progressLine(sampleProgress({ etaSeconds }), plain(79)), /ETA/)
  }
})

test('colours are added only when wanted, and change nothing else', () => {
  const snapshots = [sampleProgress(), sampleProgress({ stall: 'no peers' })]
  for (const snapshot of snapshots) {
    const coloured = progressLine(snapshot, { ...plain(79), isColoured: true })
    assert.ok(coloured.includes('\u001b[32m') || coloured.includes('\u001b[33m'))
    assert.ok(coloured.includes('\u001b[39m'))
    assert.equal(stripVTControlCharacters(coloured), progressLine(snapshot, plain(79)))
  }
})

test('no line is wider than it may be, whatever the snapshot says', () => {
  const snapshot = fc.record({
    phase: fc.constantFrom('checking', 'downloading', 'seeding', 'paused', 'complete', 'stopped', 'failed'),
    name: fc.string({ unit: 'grapheme', maxLength: 80 }),
    totalBytes: fc.nat(Number.MAX_SAFE_INTEGER),
    completedBytes: fc.nat(Number.MAX_SAFE_INTEGER),
    checkedBytes: fc.nat(Number.MAX_SAFE_INTEGER),
    bytesToCheck: fc.nat(Number.MAX_SAFE_INTEGER),
    downloadBytesPerSecond: fc.double({ min: 0, max: 1e15, noNaN: true }),
    uploadBytesPerSecond: fc.double({ min: 0, max: 1e15, noNaN: true }),
    uploadedBytes: fc.nat(Number.MAX_SAFE_INTEGER),
    etaSeconds: fc.option(fc.double({ min: 0 }), { nil: undefined }),
    connectedPeers: fc.nat(1_000_000),
    stall: fc.option(fc.string({ unit: 'grapheme', maxLength: 200 }), { nil: undefined }),
  } as const)
  fc.assert(
    fc.property(snapshot, fc.integer({ min: 1, max: 250 }), fc.nat(300), (changes, width, nameWidth) => {
      const line = progressLine(sampleProgress(changes as object), plain(width, nameWidth))
      assert.ok(textWidth(line) <= width, JSON.stringify(line))
      assert.doesNotMatch(line, /\n/)
    }),
    { numRuns: 500 },
  )
})
