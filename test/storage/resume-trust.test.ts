import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Bitfield } from '../../src/core/bitfield.js'
import { FileMap } from '../../src/storage/file-map.js'
import { ABSENT_STAMP, type FileStamp } from '../../src/storage/file-stamp.js'
import { OutputFolder } from '../../src/storage/output-folder.js'
import type { ResumeRecord } from '../../src/storage/resume-record.js'
import { RESUME_SAVE_MS } from '../../src/storage/resume-save-ms.js'
import { judgeResume } from '../../src/storage/resume-trust.js'
import { sampleTorrent } from './sample-torrent.js'

/** Pieces 0 to 2 lie in the first file, 2 to 4 in the second. */
const torrent = sampleTorrent(
  [
    { path: 'T/a', length: 40 },
    { path: 'T/b', length: 40 },
  ],
  16,
)

const SAVED = 1_000_000_000_000n
const ALIVE = SAVED + 7_000_000_000n
const LATEST = ALIVE + BigInt(2 * RESUME_SAVE_MS) * 1_000_000n
const before: FileStamp = { size: 40, mtimeNs: SAVED - 50n, inode: 3n }

function fieldOf(pieces: readonly number[]): Bitfield {
  const field = new Bitfield(torrent.metainfo.geometry.pieceCount)
  for (const index of pieces) field.set(index)
  return field
}

function piecesIn(field: Bitfield): number[] {
  return [...Array(field.size).keys()].filter((index) => field.has(index))
}

function stampsOf(...stamps: readonly FileStamp[]): Map<number, FileStamp> {
  return new Map(stamps.entries())
}

interface Situation {
  /** What the record says, and what the files are like now. */
  readonly record?: Partial<ResumeRecord>
  readonly a?: FileStamp
  readonly b?: FileStamp
  readonly selected?: (fileIndex: number) => boolean
}

function judge({ record, a = before, b = before, selected = () => true }: Situation) {
  const map = new FileMap(torrent.metainfo, new OutputFolder('nowhere'), selected)
  const stamps = new Map([...stampsOf(a, b)].filter(([fileIndex]) => selected(fileIndex)))
  const { have, toCheck, trusted } = judgeResume(map, {
    record: {
      savedAtNs: SAVED,
      isClean: false,
      have: fieldOf([0, 1, 2, 3]),
      stamps: stampsOf(before, before),
      uploadedBytes: 0,
      downloadedBytes: 0,
      ...record,
    },
    aliveAtNs: ALIVE,
    stamps,
  })
  return { have: piecesIn(have), toCheck: piecesIn(toCheck), trusted: [...trusted.keys()] }
}

test('files that nobody touched are taken at their word', () => {
  const all = { have: [0, 1, 2, 3], toCheck: [], trusted: [0, 1] }
  assert.deepEqual(judge({}), all)
  assert.deepEqual(judge({ record: { isClean: true } }), all)
  assert.deepEqual(judge({ b: { ...before, inode: 9n } }), all, 'moved to another disk')
})

test('a file that changed is to be checked, and nothing beside it', () => {
  const checkB = { have: [0, 1], toCheck: [2, 3, 4], trusted: [0] }
  const others: FileStamp[] = [
    { ...before, size: 39 },
    { ...before, mtimeNs: SAVED - 51n },
    { ...before, mtimeNs: SAVED - 1n },
    { ...before, mtimeNs: LATEST + 1n },
    { ...before, mtimeNs: SAVED, size: 39 },
    { ...before, mtimeNs: SAVED, inode: 4n },
    ABSENT_STAMP,
  ]
  for (const b of others) assert.deepEqual(judge({ b }), checkB, String(Object.values(b)))
})

test('after a crash a file with pieces missing may be newer than the record, by our own hand', () => {
  for (const mtimeNs of [SAVED, ALIVE, LATEST]) {
    const b = { ...before, mtimeNs, size: 44 }
    assert.deepEqual(judge({ b }).have, [0, 1, 2, 3])
    assert.deepEqual(judge({ b, record: { isClean: true } }).have, [0, 1], 'not when nothing was written')
    assert.deepEqual(judge({ b, record: { have: fieldOf([2, 3, 4]) } }).have, [], 'not when it was complete')
  }
})

test('a file that was made after the save is ours, one that was there before is to be checked', () => {
  const record = { have: fieldOf([0, 1]), stamps: stampsOf(before, ABSENT_STAMP) }
  assert.deepEqual(judge({ record, b: ABSENT_STAMP }), { have: [0, 1], toCheck: [], trusted: [0, 1] })
  assert.deepEqual(judge({ record, b: { ...before, mtimeNs: SAVED } }).toCheck, [])
  assert.deepEqual(judge({ record, b: before }).toCheck, [2, 3, 4])
})

test('a record never speaks for bytes that are not there', () => {
  const short = { ...before, size: 23 }
  const stamps = stampsOf(before, short)
  assert.deepEqual(judge({ record: { stamps }, b: short }).have, [0, 1], 'piece 3 ends at byte 24')
  const enough = { ...before, size: 24 }
  const saved = stampsOf(before, enough)
  assert.deepEqual(judge({ record: { stamps: saved }, b: enough }).have, [0, 1, 2, 3])
})

test('a file that was not selected before is to be checked; one that no longer is does not count', () => {
  const onlyA = { stamps: new Map([[0, before]]), have: fieldOf([0, 1, 2]) }
  assert.deepEqual(judge({ record: onlyA }), { have: [0, 1], toCheck: [2, 3, 4], trusted: [0] })
  const selected = (fileIndex: number) => fileIndex === 0
  assert.deepEqual(judge({ selected, b: ABSENT_STAMP }), { have: [0, 1, 2], toCheck: [], trusted: [0] })
})
