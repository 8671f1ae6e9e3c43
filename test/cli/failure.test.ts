import assert from 'node:assert/strict'
import { test } from 'node:test'
import { failureObject, failureText } from '../../src/cli/failure.js'
import { MetainfoError, SourceError } from '../../src/core/errors.js'

test('an error of ours is one clean line with its subject and code', () => {
  const error = new MetainfoError('BAD_NAME', 'name\n\u001b[2Jx')
  assert.equal(failureText(error, 'a\u001b.torrent'), 'swarmfetch: a.torrent: name [2Jx (BAD_NAME)')
  assert.equal(failureText(error), 'swarmfetch: name [2Jx (BAD_NAME)')
  assert.deepEqual(failureObject(error), { code: 'BAD_NAME', message: 'name [2Jx' })
})

test('standard input is called by its name', () => {
  assert.match(failureText(new MetainfoError('BAD_NAME', 'x'), '-'), /^swarmfetch: standard input: x/)
})

test('an error about the source names it itself, without the secrets of a URL', () => {
  const error = new SourceError('FETCH_FAILED', 'cannot fetch from host.example: HTTP status 404')
  assert.equal(
    failureText(error, 'https://host.example/?passkey=1'),
    'swarmfetch: cannot fetch from host.example: HTTP status 404 (FETCH_FAILED)',
  )
})

test('a defect shows its stack, and anything may have been thrown', () => {
  const lines = failureText(new TypeError('x is undefined')).split('\n')
  assert.equal(lines[0], 'swarmfetch: x is undefined (UNEXPECTED)')
  assert.match(lines[2]!, /^ +at /)
  assert.equal(failureText('text'), 'swarmfetch: text (UNEXPECTED)')
  assert.deepEqual(failureObject(undefined), { code: 'UNEXPECTED', message: 'undefined' })
})
