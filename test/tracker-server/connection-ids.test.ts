import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConnectionIds } from '../../src/tracker-server/connection-ids.js'
import { SipHash } from '../../src/tracker-server/sip-hash.js'

const ids = new ConnectionIds(new SipHash(new Uint8Array(16).fill(3), 'mac'))
const address = Uint8Array.of(192, 0, 2, 1)

function idAt(seconds: number): Uint8Array {
  const id = new Uint8Array(8)
  ids.write(id, 0, { address, addressBytes: 4 }, seconds)
  return id
}

test('an id is good for two minutes, and not for a second more', () => {
  const id = idAt(1_000)
  for (const age of [0, 1, 59, 119, 120])
    assert.equal(ids.accepts(id, { address, addressBytes: 4 }, 1_000 + age), true)
  for (const age of [121, 200, 255, 256, 300, 100_000, -5, -60]) {
    assert.equal(ids.accepts(id, { address, addressBytes: 4 }, 1_000 + age), false, String(age))
  }
})

test('an id of a process whose clock is a little ahead is good', () => {
  for (const ahead of [1, 4])
    assert.equal(ids.accepts(idAt(1_000 + ahead), { address, addressBytes: 4 }, 1_000), true)
})

test('an id is good for its own address only', () => {
  const id = idAt(1_000)
  for (let byte = 0; byte < 4; byte++) {
    const other = Uint8Array.from(address)
    other[byte]! ^= 1
    assert.equal(ids.accepts(id, { address: other, addressBytes: 4 }, 1_000), false)
  }
})

test('an id of which any bit is changed is worthless', () => {
  for (let bit = 0; bit < 64; bit++) {
    const forged = idAt(1_000)
    forged[bit >> 3]! ^= 1 << (bit & 7)
    assert.equal(ids.accepts(forged, { address, addressBytes: 4 }, 1_000), false, `bit ${bit}`)
  }
})

test('another key gives other ids', () => {
  const other = new ConnectionIds(new SipHash(new Uint8Array(16).fill(4), 'mac'))
  assert.equal(other.accepts(idAt(1_000), { address, addressBytes: 4 }, 1_000), false)
})

test('it works before the clock reaches an age, and when its seconds are negative', () => {
  const id = idAt(-10)
  assert.equal(ids.accepts(id, { address, addressBytes: 4 }, 5), true)
})
