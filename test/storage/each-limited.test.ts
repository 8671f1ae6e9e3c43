import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { eachLimited } from '../../src/storage/each-limited.js'

test('each item is worked on once, never more than the limit at a time', async () => {
  const done: number[] = []
  let atWork = 0
  let most = 0
  await eachLimited([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
    most = Math.max(most, ++atWork)
    await nextTurn()
    atWork--
    done.push(item)
  })
  assert.deepEqual(done, [1, 2, 3, 4, 5, 6, 7])
  assert.equal(most, 3)
})

test('after a failure nothing new starts, and it is thrown when what runs has ended', async () => {
  const ended: number[] = []
  const work = async (item: number): Promise<void> => {
    if (item === 2) throw new Error('two')
    await nextTurn()
    ended.push(item)
  }
  await assert.rejects(eachLimited([1, 2, 3, 4, 5], 2, work), /two/)
  assert.deepEqual(ended, [1])
})

test('items that cannot be had fail it too', async () => {
  function* broken(): Generator<number> {
    yield 1
    throw new Error('no more')
  }
  await assert.rejects(
    eachLimited(broken(), 2, async () => {}),
    /no more/,
  )
})
