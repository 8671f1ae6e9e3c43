import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Bencodable } from '../../src/core/bencode/bencode-value.js'
import { encodeBencode } from '../../src/core/bencode/encode-bencode.js'
import { Bitfield } from '../../src/core/bitfield.js'
import type { FileStamp } from '../../src/storage/file-stamp.js'
import {
  decodeResume,
  encodeResume,
  type ResumeRecord,
  resumeBytesLimit,
} from '../../src/storage/resume-record.js'
import { sampleTorrent } from './sample-torrent.js'

const { metainfo } = sampleTorrent(
  [
    { path: 'T/a', length: 100 },
    { path: 'T/b', length: 0 },
    { path: 'T/c', length: 60 },
  ],
  16,
)

const plain = { noNullPrototype: true } as const
const signed64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
const stamp = fc.record({ size: fc.integer({ min: -1 }), mtimeNs: signed64, inode: signed64 }, plain)
const records: fc.Arbitrary<ResumeRecord> = fc.record(
  {
    savedAtNs: signed64,
    isClean: fc.boolean(),
    have: fc.uniqueArray(fc.nat(9)).map((pieces) => fieldOf(pieces)),
    stamps: fc
      .uniqueArray(fc.tuple(fc.nat(2), stamp), { selector: ([file]) => file })
      .map((all) => new Map(all)),
    uploadedBytes: fc.maxSafeNat(),
    downloadedBytes: fc.maxSafeNat(),
  },
  plain,
)

function fieldOf(pieces: readonly number[]): Bitfield {
  const field = new Bitfield(metainfo.geometry.pieceCount)
  for (const index of pieces) field.set(index)
  return field
}

const sample: ResumeRecord = {
  savedAtNs: 1_700_000_000_123_456_789n,
  isClean: true,
  have: fieldOf([0, 3, 9]),
  stamps: new Map<number, FileStamp>([[0, { size: 100, mtimeNs: 1_699_999_999_000_000_001n, inode: -5n }]]),
  uploadedBytes: 7,
  downloadedBytes: 8,
}

test('what was encoded decodes to the same, and no record exceeds the limit', () => {
  fc.assert(
    fc.property(records, (record) => {
      const bytes = encodeResume(record, metainfo)
      assert.ok(bytes.length <= resumeBytesLimit(metainfo))
      const decoded = decodeResume(bytes, metainfo)
      assert.deepEqual(decoded, record)
      assert.deepEqual(decoded?.have.bytes, record.have.bytes)
      assert.equal(decoded?.have.count, record.have.count)
    }),
  )
})

test('a record that lost its end, or any bit, is none', () => {
  const bytes = encodeResume(sample, metainfo)
  for (let length = 0; length < bytes.length; length++) {
    assert.equal(decodeResume(bytes.subarray(0, length), metainfo), undefined, `${length} bytes`)
  }
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const damaged = Buffer.from(bytes)
    damaged[bit >> 3]! ^= 1 << (bit & 7)
    assert.equal(decodeResume(damaged, metainfo), undefined, `bit ${bit}`)
  }
  assert.equal(decodeResume(Buffer.concat([bytes, Buffer.of(0)]), metainfo), undefined)
})

test('the record of another torrent is none of ours', () => {
  const other = sampleTorrent([{ path: 'T/a', length: 160 }], 16)
  assert.equal(decodeResume(encodeResume(sample, other.metainfo), metainfo), undefined)
})

/** A file with a right checksum, whatever it says. */
function sealed(content: Buffer): Buffer {
  return Buffer.concat([content, createHash('sha256').update(content).digest()])
}

const fields: Readonly<Record<string, Bencodable>> = {
  version: 1,
  'info hash': metainfo.infoHash.bytes,
  'saved at': Buffer.alloc(8),
  clean: 0,
  have: Buffer.alloc(2),
  files: Buffer.alloc(28),
  uploaded: 0,
  downloaded: 0,
}

test('a record with any field absent, of another kind or out of range is none, right checksum or not', () => {
  const decode = (changes: Readonly<Record<string, Bencodable | undefined>>) =>
    decodeResume(sealed(encodeBencode({ ...fields, ...changes })), metainfo)
  assert.ok(decode({}))
  for (const key of Object.keys(fields)) {
    assert.equal(decode({ [key]: undefined }), undefined, key)
    assert.equal(decode({ [key]: fields[key] === 0 || key === 'version' ? 'text' : 5 }), undefined, key)
  }
  const wrong: Readonly<Record<string, Bencodable>>[] = [
    { version: 2 },
    { 'saved at': Buffer.alloc(9) },
    { have: Buffer.alloc(1) },
    { have: Buffer.from([0, 1]) },
    { files: Buffer.alloc(27) },
    { files: Buffer.alloc(56) },
    { files: Buffer.from(`00000003${'00'.repeat(24)}`, 'hex') },
    { files: Buffer.from(`00000000fffffffffffffffe${'00'.repeat(16)}`, 'hex') },
    { uploaded: -1 },
    { downloaded: -1 },
    { deep: [[[]]] },
  ]
  for (const changes of wrong) assert.equal(decode(changes), undefined, JSON.stringify(changes))
})

test('anything else with a right checksum is none', () => {
  for (const content of ['', 'i1e', 'le', 'de', 'd', '3:abc', 'd1:ai01ee']) {
    assert.equal(decodeResume(sealed(Buffer.from(content)), metainfo), undefined, content)
  }
})
