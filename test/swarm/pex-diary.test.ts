import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { addressKey, type PeerAddress } from '../../src/core/peer-address.js'
import { PexDiary } from '../../src/swarm/pex-diary.js'

const address = (number: number) => ({ host: `192.0.2.${number}`, port: 6881 })
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, nth) => address(from + nth))
function take(
  diary: PexDiary,
  peers: readonly PeerAddress[],
  nowMs = 0,
  concerns: (peer: PeerAddress) => boolean = () => true,
) {
  return diary.takeNews(new Map(peers.map((peer) => [addressKey(peer), peer])), concerns, nowMs)
}

test('a peer hears of everybody once, and then of who came and who left', () => {
  const diary = new PexDiary()
  assert.deepEqual(take(diary, range(1, 4)), { added: range(1, 4), dropped: [] })
  assert.equal(take(diary, range(1, 4), 60_000), undefined)
  assert.deepEqual(take(diary, range(2, 5), 60_000), { added: [address(4)], dropped: [address(1)] })
})

test('it is told at most once a minute, and the minute begins when there was something to tell', () => {
  const diary = new PexDiary()
  take(diary, [], 0)
  assert.ok(diary.isDue(1))
  take(diary, range(1, 2), 1_000)
  assert.equal(diary.isDue(60_999), false)
  assert.ok(diary.isDue(61_000))
})

test('at most fifty of each are told at once, and the others the next time', () => {
  const diary = new PexDiary()
  const counts = [120, 120, 120, 0, 0, 0, 0].map((here) => {
    const news = take(diary, range(1, 1 + here))
    return [news?.added.length, news?.dropped.length]
  })
  assert.deepEqual(counts, [
    [50, 0],
    [50, 0],
    [20, 0],
    [0, 50],
    [0, 50],
    [0, 20],
    [undefined, undefined],
  ])
})

test('what does not concern it is not told, and not taken back', () => {
  const diary = new PexDiary()
  const isEven = ({ host }: PeerAddress) => Number(host.split('.')[3]) % 2 === 0
  assert.deepEqual(take(diary, range(1, 5), 0, isEven)?.added, [address(2), address(4)])
  assert.deepEqual(take(diary, [], 0, isEven)?.dropped, [address(2), address(4)])
})

test('it is told of two hundred at a time, and of more when some have left', () => {
  const diary = new PexDiary()
  for (let turn = 0; turn < 4; turn++) assert.equal(take(diary, range(0, 250))?.added.length, 50)
  assert.equal(take(diary, range(0, 250)), undefined)
  assert.deepEqual(take(diary, range(10, 250)), { added: range(200, 210), dropped: range(0, 10) })
})

test('what it was told and not taken back is always what is here, but for what did not fit', () => {
  const turns = fc.array(fc.uniqueArray(fc.nat({ max: 80 })), { maxLength: 20 })
  fc.assert(
    fc.property(turns, (presences) => {
      const diary = new PexDiary()
      const believed = new Set<string>()
      for (const numbers of presences) {
        const here = new Set(numbers.map((number) => addressKey(address(number))))
        const { added = [], dropped = [] } = take(diary, numbers.map(address)) ?? {}
        for (const gone of dropped)
          assert.ok(believed.delete(addressKey(gone)) && !here.has(addressKey(gone)))
        for (const peer of added) {
          assert.ok(here.has(addressKey(peer)) && !believed.has(addressKey(peer)))
          believed.add(addressKey(peer))
        }
        if (added.length < 50) for (const key of here) assert.ok(believed.has(key))
        if (dropped.length < 50) for (const key of believed) assert.ok(here.has(key))
      }
    }),
  )
})
