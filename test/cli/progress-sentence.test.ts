import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  noticeSentence,
  progressSentence,
  seededSentence,
  startSentence,
  summarySentence,
} from '../../src/cli/progress-sentence.js'
import { sampleProgress, sampleResult } from './sample-progress.js'

test('a download says how much, how fast, how long and from how many', () => {
  assert.equal(
    progressSentence(sampleProgress()),
    'payload.bin: 43% of 3.9 GiB, 112 MiB/s, ETA 21s, 24 peers',
  )
  assert.equal(
    progressSentence(sampleProgress({ etaSeconds: undefined, connectedPeers: 1 })),
    'payload.bin: 43% of 3.9 GiB, 112 MiB/s, 1 peer',
  )
})

test('web seeds are named beside the peers, or in their place', () => {
  const from = (connectedPeers: number, webSeeds: number) =>
    progressSentence(sampleProgress({ connectedPeers, webSeeds })).split(', ').at(-1)
  assert.equal(from(0, 0), '0 peers')
  assert.equal(from(0, 1), '1 web seed')
  assert.equal(from(0, 3), '3 web seeds')
  assert.equal(from(24, 2), '24 peers + 2 web')
})

test('a web seed that is dropped is told of by its host, one that is tried again is not', () => {
  const failed = { type: 'webSeedFailed', webSeed: 'http://h:8080/d/?key=secret', code: 'NOT_FOUND' } as const
  const message = 'HTTP status 404'
  const shown = { name: 'x', progress: () => sampleProgress() }
  assert.equal(
    noticeSentence(shown, { ...failed, message, isDropped: true }),
    'x: web seed h:8080 dropped: HTTP status 404 (NOT_FOUND)',
  )
  assert.equal(noticeSentence(shown, { ...failed, message, isDropped: false }), undefined)
})

test('a stalled download says what is wrong', () => {
  assert.equal(
    progressSentence(sampleProgress({ stall: 'no peers' })),
    'payload.bin: 43% of 3.9 GiB, no peers',
  )
})

test('checking says how far the hashing is', () => {
  const checking = sampleProgress({ phase: 'checking', checkedBytes: 1024, bytesToCheck: 4096 })
  assert.equal(progressSentence(checking), 'payload.bin: checked 1 KiB of 4 KiB')
})

test('before any hashing it is the files that are looked at', () => {
  const looking = sampleProgress({ phase: 'checking', checkedBytes: 0, bytesToCheck: 0 })
  assert.equal(progressSentence(looking), 'payload.bin: looking at the files')
})

test('other phases are named', () => {
  assert.equal(
    progressSentence(sampleProgress({ phase: 'stopped', stall: 'x' })),
    'payload.bin: 43% of 3.9 GiB, stopped',
  )
})

test('the first line says what is to be fetched', () => {
  assert.equal(startSentence(sampleProgress()), 'payload.bin: 3.9 GiB in 1000 pieces')
  assert.equal(startSentence(sampleProgress({ pieceCount: 1 })), 'payload.bin: 3.9 GiB in 1 piece')
})

test('the last line says size, time, average rate and place', () => {
  assert.equal(
    summarySentence(sampleResult(), '/data/payload.bin'),
    'payload.bin: 3.9 GiB in 40s, 100 MiB/s: /data/payload.bin',
  )
  assert.equal(
    summarySentence(sampleResult({ downloadedBytes: 0, elapsedMs: 400 }), '/data'),
    'payload.bin: 3.9 GiB, all of it there already, checked in 0.4s: /data',
  )
})

test('a download that took no time has a finite rate', () => {
  assert.doesNotMatch(summarySentence(sampleResult({ elapsedMs: 0 }), '/data'), /Infinity|NaN/)
})

const MIB = 1_048_576
const fetching = { name: 'a', progress: () => sampleProgress() }
const seeding = { name: 'a', progress: () => sampleProgress({ phase: 'seeding' }) }

test('of the notices people hear those that no progress shows, on one clean line', () => {
  assert.equal(
    noticeSentence(fetching, {
      type: 'trackerAnswered',
      tracker: 'http://t.example/secret/announce',
      peers: 3,
      warning: 'be\n\u001bnice',
    }),
    'a: tracker t.example warns: be nice',
  )
  assert.equal(
    noticeSentence(fetching, { type: 'peerBanned', peer: '127.0.0.1:1', code: 'CORRUPT_PIECE' }),
    'a: peer 127.0.0.1:1 banned (CORRUPT_PIECE)',
  )
  assert.equal(noticeSentence(fetching, { type: 'trackerAnswered', tracker: 't', peers: 3 }), undefined)
  assert.equal(noticeSentence(fetching, { type: 'phase', phase: 'complete' }), undefined)
  assert.equal(
    noticeSentence(fetching, { type: 'resumeNotSaved', code: 'READ_ONLY', message: 'no place\nto write' }),
    'a: how far it is cannot be saved (no place to write); the next run hashes it all',
  )
})

test('a tracker that fails is told while seeding, where no progress shows it, without its passkey', () => {
  const tracker = 'http://t.example:80/secret/announce'
  const failure = {
    type: 'trackerFailed',
    tracker,
    code: 'REFUSED',
    message: 'unregistered torrent',
  } as const
  assert.equal(noticeSentence(fetching, failure), undefined)
  assert.equal(noticeSentence(seeding, failure), 'a: tracker t.example: unregistered torrent')
})

test('seeding says how much went out, how fast and to how many', () => {
  const progress = sampleProgress({
    phase: 'seeding',
    uploadedBytes: 1000 * MIB,
    uploadBytesPerSecond: 3 * MIB,
  })
  assert.equal(
    progressSentence(progress),
    'payload.bin: seeding, 1000 MiB uploaded, ratio 0.25, 3 MiB/s, 24 peers',
  )
})

test('the end of seeding says how long it was and what it gave', () => {
  const end = {
    uploadedBytes: 8000 * MIB,
    uploadedBytesBefore: 0,
    totalBytes: 4000 * MIB,
    seededMs: 7_500_000,
    goalReached: true,
  }
  assert.equal(seededSentence('a\u001b', end), 'a: seeded for 2h 05m, 7.8 GiB uploaded, ratio 2.00')
  assert.match(seededSentence('a', { ...end, totalBytes: 0 }), /ratio 0\.00$/)
})
