import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PexDiary } from '../../src/swarm/pex-diary.js'

const address = (number: number) => ({ host: `192.0.2.${number}`, port: 6881 })
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, nth) => address(from + nth))

test('a peer hears of everybody once, and then of who came and who left', () => {
  const diary = new PexDiary()
  assert.deepEqual(diary.takeNews(range(1, 4), 0), { added: range(1, 4), dropped: [] })
  assert.equal(diary.takeNews(range(1, 4), 60_000), undefined)
  assert.deepEqual(diary.takeNews(range(2, 5), 60_000), { added: [address(4)], dropped: [address(1)] })
})

test('it is told at most once a minute, and the minute begins when there was something to tell', () => {
  const diary = new PexDiary()
  diary.takeNews([], 0)
  assert.ok(diary.isDue(1))
  diary.takeNews(range(1, 2), 1_000)
  assert.equal(diary.isDue(60_999), false)
  assert.ok(diary.isDue(61_000))
})

test('at most fifty of each are told at once, and the others the next time', () => {
  const diary = new PexDiary()
  assert.equal(diary.takeNews(range(1, 121), 0)?.added.length, 50)
  assert.equal(diary.takeNews(range(1, 121), 0)?.added.length, 50)
  assert.equal(diary.takeNews(range(1, 121), 0)?.added.length, 20)
  assert.equal(diary.takeNews([], 0)?.dropped.length, 50)
  assert.equal(diary.takeNews([], 0)?.dropped.length, 50)
  assert.equal(diary.takeNews([], 0)?.dropped.length, 20)
})
