import assert from 'node:assert/strict'
import { test } from 'node:test'
import { verifyFailureText, verifyText } from '../../src/cli/verify-text.js'
import type { VerifyReport } from '../../src/client/verify-torrent.js'

const report: VerifyReport = {
  infoHash: 'a'.repeat(40),
  name: 'set',
  totalBytes: 4096,
  verifiedBytes: 1024,
  pieceCount: 4,
  verifiedPieces: 1,
  files: [
    { path: 'set/a', length: 1024, verifiedBytes: 1024, lengthOnDisk: 1024 },
    { path: 'set/b\u001b[2J', length: 3072, verifiedBytes: 0, lengthOnDisk: 3072 },
    { path: 'set/empty', length: 0, verifiedBytes: 0, lengthOnDisk: 0 },
  ],
  complete: false,
}

test('a complete torrent is one line', () => {
  const complete = { ...report, verifiedBytes: 4096, verifiedPieces: 4, complete: true }
  assert.equal(verifyText(complete), 'set: complete, 4 KiB verified')
})

test('an incomplete torrent names the files that are not complete, and no other', () => {
  assert.equal(verifyText(report), 'set: incomplete files\n  set/b[2J: 0 B of 3 KiB verified')
  assert.equal(verifyFailureText(report), '3 of 4 pieces (3 KiB of 4 KiB) are missing or corrupt')
})

test('files that no piece tells of are missing or too long', () => {
  const files = [
    { path: 'set/a', length: 4096, verifiedBytes: 4096, lengthOnDisk: 4099 },
    { path: 'set/b', length: 0, verifiedBytes: 0, lengthOnDisk: null },
    { path: 'set/c', length: 0, verifiedBytes: 0, lengthOnDisk: 0 },
  ]
  const odd = { ...report, verifiedBytes: 4096, verifiedPieces: 4, files }
  assert.equal(verifyText(odd), 'set: incomplete files\n  set/a: 3 B too long\n  set/b: missing')
  assert.equal(verifyFailureText(odd), '2 of 3 files are missing or too long')
})
