import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StorageError } from '../../src/core/errors.js'
import { isAbsent, storageError } from '../../src/storage/disk-errors.js'

test('each errno that has a cure of its own has a code of its own', () => {
  const faults = {
    ENOSPC: 'DISK_FULL',
    EDQUOT: 'DISK_FULL',
    EFBIG: 'DISK_FULL',
    EACCES: 'PERMISSION_DENIED',
    EPERM: 'PERMISSION_DENIED',
    EROFS: 'READ_ONLY',
    EMFILE: 'TOO_MANY_FILES',
    ENFILE: 'TOO_MANY_FILES',
    ELOOP: 'UNSAFE_PATH',
    EISDIR: 'NOT_A_FILE',
    ENAMETOOLONG: 'BAD_NAME',
    EIO: 'IO_ERROR',
    EWHATEVER: 'IO_ERROR',
  }
  for (const [code, fault] of Object.entries(faults)) {
    const error = storageError({ code, message: `${code}: as the system says` }, '/some/file')
    assert.equal(error.code, fault)
    assert.equal(error.path, '/some/file')
    assert.match(error.message, /^\/some\/file: /)
  }
})

test('a storage error stays what it is, and anything else is kept as the cause', () => {
  const known = new StorageError('READ_ONLY', 'detail', '/path')
  assert.equal(storageError(known, '/other'), known)
  const cause = new Error('strange')
  assert.equal(storageError(cause, '/path').cause, cause)
  assert.equal(storageError('a word', '/path').code, 'IO_ERROR')
})

test('a path that takes pages is shown by its ends', () => {
  const path = `/start/${'x'.repeat(20_000)}/end`
  const error = storageError({ code: 'ENAMETOOLONG', message: path }, path)
  assert.match(error.message, /^\/start\/x{193}…x{196}\/end: the path is longer than the system allows$/)
  assert.equal(error.path, path)
})

test('absent means that nothing is at the path', () => {
  assert.ok(isAbsent(Object.assign(new Error(''), { code: 'ENOENT' })))
  assert.ok(!isAbsent(Object.assign(new Error(''), { code: 'EACCES' })))
})
