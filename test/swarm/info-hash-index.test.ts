import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InfoHashIndex } from '../../src/swarm/info-hash-index.js'
import { infoHashMark } from '../../src/wire/mse-keys.js'

const hashOf = (number: number) => new Uint8Array(20).fill(number)

test('an info hash is found by its mark for as long as somebody uses it', () => {
  const index = new InfoHashIndex()
  index.add(hashOf(1))
  index.add(hashOf(2))
  index.add(hashOf(1))
  assert.deepEqual(index.find(infoHashMark(hashOf(1))), hashOf(1))
  index.remove(hashOf(1))
  assert.deepEqual(index.find(infoHashMark(hashOf(1))), hashOf(1))
  index.remove(hashOf(1))
  assert.equal(index.find(infoHashMark(hashOf(1))), undefined)
  assert.deepEqual(index.find(infoHashMark(hashOf(2))), hashOf(2))
})

test('to remove what is not there changes nothing, and no hash stands for itself', () => {
  const index = new InfoHashIndex()
  index.add(hashOf(1))
  index.remove(hashOf(3))
  assert.equal(index.find(Buffer.from(hashOf(1))), undefined)
  assert.deepEqual(index.find(infoHashMark(hashOf(1))), hashOf(1))
})
