import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toldPeers } from '../../src/tracker/told-peers.js'

const NEAR = ['127.0.0.1', '10.0.0.1', '169.254.169.254', '100.64.0.1', '::1', 'fd00::1', '64:ff9b::7f00:1']
const FAR = ['9.9.9.9', '2620:fe::fe']
const at = (host: string) => ({ host, port: 6881 })

test('a tracker on the internet tells of peers on the internet', () => {
  assert.deepEqual(toldPeers([...NEAR, ...FAR].map(at), false), FAR.map(at))
})

test('one that may be in our network tells of all', () => {
  for (const leave of [true, 'until public'] as const) {
    assert.deepEqual(toldPeers([...NEAR, ...FAR].map(at), leave), [...NEAR, ...FAR].map(at))
  }
})
