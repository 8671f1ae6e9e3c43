import assert from 'node:assert/strict'
import { test } from 'node:test'
import { untilAborted } from '../../src/net/until-aborted.js'

const never = new Promise<never>(() => {})

test('without an abort the outcome is that of the work', async () => {
  const { signal } = new AbortController()
  assert.equal(await untilAborted(Promise.resolve('done'), signal), 'done')
  await assert.rejects(untilAborted(Promise.reject(new Error('failed')), signal), /failed/)
})

test('an abort ends the wait at once, with its reason, whenever it comes', async () => {
  const cut = new AbortController()
  const waiting = untilAborted(never, cut.signal)
  cut.abort(new Error('no longer wanted'))
  await assert.rejects(waiting, /no longer wanted/)
  await assert.rejects(untilAborted(never, cut.signal), /no longer wanted/)
  await assert.rejects(untilAborted(Promise.reject(new Error('late')), cut.signal), /no longer wanted|late/)
})
