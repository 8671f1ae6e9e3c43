import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadUndici } from '../../src/net/load-undici.js'

const DISPATCHER_OF_FETCH = Symbol.for('undici.globalDispatcher.1')

test('what is loaded is what undici calls by these names, and leaves the fetch of the program alone', async () => {
  const before = Reflect.get(globalThis, DISPATCHER_OF_FETCH)
  const loaded = loadUndici()
  assert.equal(Reflect.get(globalThis, DISPATCHER_OF_FETCH), before)
  const undici = await import('undici')
  assert.notEqual(Reflect.get(globalThis, DISPATCHER_OF_FETCH), before)
  assert.equal(loaded.Agent, undici.Agent)
  assert.equal(loaded.buildConnector, undici.buildConnector)
  assert.equal(undici.Dispatcher.prototype.request, loaded.request)
})
