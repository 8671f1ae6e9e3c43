import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { LIMITS } from '../../src/config.js'
import { parseRetryAfter } from '../../src/webseed/retry-after.js'

test('seconds and dates are understood, what is past means now, and no wait is too long', () => {
  assert.equal(parseRetryAfter('0', 0), 0)
  assert.equal(parseRetryAfter('120', 0), 120_000)
  assert.equal(parseRetryAfter('999999999', 0), LIMITS.webSeedRetryAfterMs)
  const noon = Date.parse('2024-01-01T12:00:00Z') / 1000
  assert.equal(parseRetryAfter('Mon, 01 Jan 2024 12:01:00 GMT', noon), 60_000)
  assert.equal(parseRetryAfter('Mon, 01 Jan 2024 11:00:00 GMT', noon), 0)
  assert.equal(parseRetryAfter('Mon, 01 Jan 2099 11:00:00 GMT', noon), LIMITS.webSeedRetryAfterMs)
})

test('what makes no sense says nothing', () => {
  for (const text of [undefined, '', 'soon', '1e', 'NaN']) assert.equal(parseRetryAfter(text, 0), undefined)
})

test('any text gives a wait within the limit, or none', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const waitMs = parseRetryAfter(text, 1_700_000_000)
      assert.ok(waitMs === undefined || (waitMs >= 0 && waitMs <= LIMITS.webSeedRetryAfterMs))
    }),
  )
})
