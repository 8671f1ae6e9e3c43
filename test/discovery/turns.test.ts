import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Turns } from '../../src/discovery/turns.js'

test('so many are under way at once, and the others follow in order', async () => {
  const turns = new Turns(2)
  const begun: number[] = []
  const ends: (() => void)[] = []
  const works = [0, 1, 2, 3].map((number) =>
    turns.run(async () => {
      begun.push(number)
      await new Promise<void>((resolve) => ends.push(resolve))
      return number
    }),
  )
  await new Promise(setImmediate)
  assert.deepEqual(begun, [0, 1])
  ends[1]!()
  assert.equal(await works[1], 1)
  await new Promise(setImmediate)
  assert.deepEqual(begun, [0, 1, 2])
  ends[0]!()
  ends[2]!()
  await new Promise(setImmediate)
  ends[3]!()
  assert.deepEqual(await Promise.all(works), [0, 1, 2, 3])
})

test('who fails makes room as well', async () => {
  const turns = new Turns(1)
  await assert.rejects(turns.run(() => Promise.reject(new Error('no'))))
  assert.equal(await turns.run(async () => 'yes'), 'yes')
})
