import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  noticeSentence,
  progressSentence,
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

test('of the notices people hear those that no progress shows, on one clean line', () => {
  assert.equal(
    noticeSentence('a', {
      type: 'trackerAnswered',
      tracker: 't.example',
      peers: 3,
      warning: 'be\n\u001bnice',
    }),
    'a: tracker t.example warns: be nice',
  )
  assert.equal(
    noticeSentence('a', { type: 'pieceCorrupt', piece: 7, peers: ['127.0.0.1:1'] }),
    'a: piece 7 came corrupt and is fetched again',
  )
  assert.equal(
    noticeSentence('a', { type: 'peerBanned', peer: '127.0.0.1:1', code: 'CORRUPT_PIECE' }),
    'a: peer 127.0.0.1:1 banned (CORRUPT_PIECE)',
  )
  assert.equal(noticeSentence('a', { type: 'trackerAnswered', tracker: 't', peers: 3 }), undefined)
  assert.equal(noticeSentence('a', { type: 'phase', phase: 'complete' }), undefined)
  const failure = { type: 'trackerFailed', tracker: 't', code: 'TIMEOUT', message: 'm' } as const
  assert.equal(noticeSentence('a', failure), undefined)
})
