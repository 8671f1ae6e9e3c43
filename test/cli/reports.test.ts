import assert from 'node:assert/strict'
import { test } from 'node:test'
import { JsonReport } from '../../src/cli/json-report.js'
import { LiveReport } from '../../src/cli/live-report.js'
import { PlainReport } from '../../src/cli/plain-report.js'
import { QuietReport } from '../../src/cli/quiet-report.js'
import type { ShownTorrent } from '../../src/cli/report.js'
import type { TorrentProgress } from '../../src/client/progress.js'
import { GaveUpError, StoppedError } from '../../src/core/errors.js'
import { sampleProgress, sampleResult } from './sample-progress.js'
import { Screen } from './screen.js'

const MIB = 1_048_576
const noPeers = new GaveUpError('NO_PEERS', 'nobody\nhas it')
const seedingProgress = sampleProgress({
  phase: 'seeding',
  completedBytes: 4000 * MIB,
  uploadedBytes: 1000 * MIB,
  downloadBytesPerSecond: 0,
  uploadBytesPerSecond: 7.4,
  etaSeconds: undefined,
})
const seedingEnd = {
  uploadedBytes: 1000 * MIB,
  uploadedBytesBefore: 0,
  totalBytes: 4000 * MIB,
  seededMs: 60_000.4,
  goalReached: false,
}

function shown(progress: () => TorrentProgress = sampleProgress): ShownTorrent {
  return { source: 'x.torrent', infoHash: 'a'.repeat(40), name: 'payload.bin', progress }
}

test('on a terminal, running torrents stay at the bottom and ended ones scroll away above', () => {
  const screen = new Screen(80, 24)
  const report = new LiveReport(screen, false)
  const other = { ...shown(() => sampleProgress({ name: 'b' })), name: 'b' }
  report.progressed([shown(), other])
  report.completed(shown(), sampleResult())
  report.failed('y.torrent', noPeers, undefined)
  report.noticed(other, { type: 'pieceCorrupt', piece: 7, peers: [] })
  report.progressed([other])
  assert.equal(
    screen.text,
    [
      'payload.bin: 3.9 GiB in 40s, 100 MiB/s: /data/payload.bin',
      'swarmfetch: y.torrent: nobody has it (NO_PEERS)',
      'b: piece 7 came corrupt and is fetched again',
      'b  [============>                   ]   43%   112 MiB/s  ETA 21s       24 peers',
    ].join('\n'),
  )
  report.close(true)
  assert.equal(screen.text.split('\n').at(-1), 'swarmfetch: stopped; the same command goes on from here')
})

test('a torrent that is seeded keeps its line until that ends', () => {
  const screen = new Screen(80, 24)
  const report = new LiveReport(screen, false)
  const torrent = shown(() => seedingProgress)
  report.progressed([torrent])
  report.completed(torrent, sampleResult())
  report.progressed([torrent])
  const done = 'payload.bin: 3.9 GiB in 40s, 100 MiB/s: /data/payload.bin'
  const line = 'payload.bin  seeding     7.4 B/s  1000 MiB uploaded  ratio 0.25    24 peers'
  assert.equal(screen.text, `${done}\n${line}`)
  report.seeded(torrent, seedingEnd)
  report.progressed([])
  assert.equal(screen.text, `${done}\npayload.bin: seeded for 1m 00s, 1000 MiB uploaded, ratio 0.25`)
})

test('the names of all lines take the same width', () => {
  const screen = new Screen(80, 24)
  const other = { ...shown(() => sampleProgress({ name: 'b' })), name: 'b' }
  new LiveReport(screen, false).progressed([shown(), other])
  const [first, second] = screen.text.split('\n')
  assert.equal(first!.indexOf('['), second!.indexOf('['))
})

test('a log has a line at the start, at every tenth, every ten seconds and at the end', () => {
  let nowMs = 0
  let completedBytes = 0
  const lines: string[] = []
  const torrent = shown(() => sampleProgress({ completedBytes, totalBytes: 1000 * MIB }))
  const report = new PlainReport((line) => lines.push(line), { now: () => nowMs })
  report.started(torrent)
  for (let second = 1; second <= 40; second++) {
    nowMs = second * 1000
    // Fast for ten seconds, then next to nothing.
    completedBytes = (second <= 10 ? second * 50 : 500 + second) * MIB
    report.progressed([torrent])
  }
  report.completed(torrent, sampleResult())
  const percents = lines.map((line) => /: (\d+)% of/.exec(line)?.[1] ?? 'other')
  assert.deepEqual(percents, ['other', '10', '20', '30', '40', '50', '52', '53', '54', 'other'])
})

test('a log of an hour of seeding has a line when it begins, every ten minutes and at the end', () => {
  let nowMs = 0
  const lines: string[] = []
  const torrent = shown(() => seedingProgress)
  const report = new PlainReport((line) => lines.push(line), { now: () => nowMs })
  report.started(torrent)
  report.completed(torrent, sampleResult())
  for (; nowMs < 3_600_000; nowMs += 1_000) report.progressed([torrent])
  report.seeded(torrent, seedingEnd)
  const seeding = lines.filter((line) => /^payload\.bin: seeding, 1000 MiB uploaded/.test(line))
  assert.equal(seeding.length, 6)
  assert.equal(lines.length, 9)
  assert.match(lines.at(-1)!, /^payload\.bin: seeded for/)
})

test('a log of a fast download has at most one line a second', () => {
  let nowMs = 0
  let completedBytes = 0
  const lines: string[] = []
  const torrent = shown(() => sampleProgress({ completedBytes, totalBytes: 1000 * MIB }))
  const report = new PlainReport((line) => lines.push(line), { now: () => nowMs })
  report.started(torrent)
  for (let tenth = 1; tenth <= 10; tenth++) {
    nowMs = tenth * 100
    completedBytes = tenth * 100 * MIB
    report.progressed([torrent])
  }
  assert.equal(lines.length, 2)
})

test('thousands of corrupt pieces are one line of a log', () => {
  const lines: string[] = []
  const [first, second] = [shown(), { ...shown(), name: 'b' }]
  const report = new PlainReport((line) => lines.push(line), { now: () => 0 })
  for (let piece = 0; piece < 4_000; piece++)
    report.noticed(first, { type: 'pieceCorrupt', piece, peers: [] })
  report.noticed(second, { type: 'pieceCorrupt', piece: 7, peers: [] })
  report.progressed([])
  report.noticed(first, { type: 'pieceCorrupt', piece: 1, peers: [] })
  report.failed('x.torrent', noPeers, first)
  assert.deepEqual(lines, [
    'payload.bin: 4000 pieces came corrupt and are fetched again',
    'b: piece 7 came corrupt and is fetched again',
    'payload.bin: piece 1 came corrupt and is fetched again',
    'swarmfetch: payload.bin: nobody has it (NO_PEERS)',
  ])
})

test('quiet says nothing but errors', () => {
  const lines: string[] = []
  const report = new QuietReport((line) => lines.push(line))
  report.started()
  report.progressed()
  report.completed()
  report.seeded()
  report.noticed()
  assert.deepEqual(lines, [])
  report.failed('x.torrent', noPeers, shown())
  report.close()
  assert.deepEqual(lines, ['swarmfetch: payload.bin: nobody has it (NO_PEERS)'])
})

function jsonEvents(isQuiet: boolean): { events: Record<string, unknown>[]; errors: string[] } {
  const events: Record<string, unknown>[] = []
  const errors: string[] = []
  const out = (line: string) => {
    assert.doesNotMatch(line, /\n/)
    events.push(JSON.parse(line) as Record<string, unknown>)
  }
  const report = new JsonReport({ out, err: (line) => errors.push(line) }, isQuiet)
  report.started(shown())
  report.noticed(shown(), { type: 'phase', phase: 'downloading' })
  report.progressed([shown(() => sampleProgress({ etaSeconds: undefined, downloadBytesPerSecond: 7.4 }))])
  report.completed(shown(), sampleResult({ elapsedMs: 40_000.4 }))
  report.seeded(
    shown(() => seedingProgress),
    seedingEnd,
  )
  report.failed('x.torrent', noPeers, undefined)
  report.failed('x.torrent', new StoppedError('stopped at 43%'), shown())
  report.close()
  return { events, errors }
}

test('every JSON event has the fields that the README promises, and null for what is not known', () => {
  const { events, errors } = jsonEvents(false)
  const infoHash = 'a'.repeat(40)
  const progress = sampleProgress()
  assert.deepEqual(events, [
    {
      event: 'started',
      source: 'x.torrent',
      infoHash,
      name: 'payload.bin',
      totalBytes: 4000 * MIB,
      pieceCount: 1000,
    },
    { event: 'notice', infoHash, type: 'phase', phase: 'downloading' },
    { event: 'progress', ...progress, downloadBytesPerSecond: 7, etaSeconds: null, stall: null },
    { event: 'progress', ...progress, etaSeconds: 21, stall: null },
    { event: 'complete', source: 'x.torrent', ...sampleResult() },
    { event: 'progress', ...seedingProgress, uploadBytesPerSecond: 7, etaSeconds: null, stall: null },
    {
      event: 'seeded',
      source: 'x.torrent',
      infoHash,
      name: 'payload.bin',
      totalBytes: 4000 * MIB,
      uploadedBytes: 1000 * MIB,
      seededMs: 60_000,
      goalReached: false,
    },
    {
      event: 'error',
      source: 'x.torrent',
      infoHash: null,
      error: { code: 'NO_PEERS', message: 'nobody has it' },
      exitCode: 4,
    },
    {
      event: 'error',
      source: 'x.torrent',
      infoHash,
      error: { code: 'STOPPED', message: 'stopped at 43%' },
      exitCode: 7,
    },
  ])
  assert.deepEqual(errors, [
    'swarmfetch: x.torrent: nobody has it (NO_PEERS)',
    'swarmfetch: payload.bin: stopped at 43% (STOPPED)',
  ])
})

test('quiet JSON leaves out progress and notices', () => {
  const kinds = jsonEvents(true).events.map(({ event }) => event)
  assert.deepEqual(kinds, ['started', 'complete', 'seeded', 'error', 'error'])
})

const searching = {
  infoHash: 'b'.repeat(40),
  name: 'link',
  receivedBytes: 0,
  connectedPeers: 2,
  knownPeers: 5,
  stall: undefined,
}

test('on a terminal, a magnet link that is no torrent yet has a line as well', () => {
  const screen = new Screen(80, 24)
  const report = new LiveReport(screen, false)
  report.progressed([], [searching])
  assert.equal(screen.text, 'link  metadata, 2 peers')
  report.progressed([], [{ ...searching, stall: 'no peers known' }])
  assert.equal(screen.text, 'link  metadata, no peers known')
  report.progressed([], [])
  assert.equal(screen.text, '')
  new LiveReport(new Screen(12, 24), false).progressed([], [searching])
})

test('in a log, magnet links that are no torrents yet are told of every ten seconds', () => {
  const lines: string[] = []
  let nowMs = 0
  const report = new PlainReport((line) => void lines.push(line), { now: () => nowMs })
  for (; nowMs < 15_000; nowMs += 1_000) report.progressed([], [{ ...searching, stall: 'no peers known' }])
  const line = 'link: fetching metadata, 2 peers, no peers known'
  assert.deepEqual(lines, [line, line])
})

test('programs hear of magnet links that are no torrents yet, unless they want it quiet', () => {
  for (const isQuiet of [false, true]) {
    const lines: string[] = []
    const report = new JsonReport({ out: (line) => void lines.push(line), err: () => {} }, isQuiet)
    report.progressed([], [searching])
    const expected = { event: 'metadata', ...searching, stall: null }
    assert.deepEqual(
      lines.map((line) => JSON.parse(line)),
      isQuiet ? [] : [expected],
    )
  }
})
