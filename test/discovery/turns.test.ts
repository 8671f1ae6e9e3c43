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

test('a turn that is over too soon is kept for a while', async () => {
  const turns = new Turns(1, 30)
  const begun: number[] = []
  const begin = async () => void begun.push(performance.now())
  await Promise.all([turns.run(begin), turns.run(begin)])
  assert.ok(begun[1]! - begun[0]! > 25, `${begun}`)
})

test('who is called off gives up his turn at once', async () => {
  const turns = new Turns(1, 3_600_000)
  const calling = new AbortController()
  const first = turns.run(async () => 'first', calling.signal)
  const second = turns.run(async () => 'second', calling.signal)
  assert.equal(await first, 'first')
  calling.abort()
  assert.equal(await second, 'second')
})
