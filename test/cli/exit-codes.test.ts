import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exitCodeOf } from '../../src/cli/exit-codes.js'
import {
  GaveUpError,
  MetainfoError,
  OptionError,
  PeerError,
  SourceError,
  StoppedError,
  StorageError,
  TrackerError,
  VerifyError,
} from '../../src/core/errors.js'

test('every kind of error has the exit code that the README promises', () => {
  const cases: [unknown, number][] = [
    [new OptionError('BAD_OPTION', ''), 2],
    [new OptionError('NOTHING_SELECTED', ''), 2],
    [new OptionError('DUPLICATE_OUTPUT', ''), 2],
    [new MetainfoError('BAD_BENCODE', ''), 3],
    [new MetainfoError('V2_ONLY', ''), 3],
    [new SourceError('NOT_FOUND', ''), 3],
    [new SourceError('UNREADABLE', ''), 3],
    [new SourceError('UNSUPPORTED_SOURCE', ''), 3],
    [new SourceError('FETCH_FAILED', ''), 4],
    [new GaveUpError('NO_PEERS', ''), 4],
    [new GaveUpError('NO_PROGRESS', ''), 4],
    [new TrackerError('UNREACHABLE', ''), 4],
    [new PeerError('CLOSED', ''), 4],
    [new StorageError('DISK_FULL', '', '/x'), 5],
    [new StorageError('UNSAFE_PATH', '', '/x'), 5],
    [new VerifyError('INCOMPLETE', ''), 6],
    [new StoppedError(''), 7],
  ]
  for (const [error, code] of cases) assert.equal(exitCodeOf(error), code, (error as Error).name)
})

test('whatever is not an error of ours is unexpected', () => {
  for (const error of [new Error('x'), new TypeError('x'), 'text', undefined, null, 7]) {
    assert.equal(exitCodeOf(error), 1)
  }
})
