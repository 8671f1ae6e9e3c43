import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { PeerPicks } from '../../src/tracker-server/peer-picks.js'

function pickFrom(range: {
  from: number
  to: number
  except: number
  wanted: number
  seed: number
}): number[] {
  const picks = new PeerPicks(200)
  picks.begin(range.seed)
  picks.pick(range.from, range.to, range)
  return [...picks.places.subarray(0, picks.count)]
}

test('as many as wanted are picked, none twice, never the announcer, all from the range', () => {
  const seed = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
  const numbers = fc.record({
    from: fc.nat({ max: 300 }),
    size: fc.nat({ max: 2_000 }),
    except: fc.integer({ min: -1, max: 2_500 }),
    wanted: fc.nat({ max: 300 }),
    seed,
  })
  fc.assert(
    fc.property(numbers, ({ from, size, except, wanted, seed }) => {
      const places = pickFrom({ from, to: from + size, except, wanted, seed })
      const others = size - (except >= from && except < from + size ? 1 : 0)
      assert.equal(places.length, Math.min(wanted, others, 200))
      assert.equal(new Set(places).size, places.length)
      for (const place of places) assert.ok(place >= from && place < from + size && place !== except)
    }),
  )
})

test('over many announces every peer is picked about as often as any other', () => {
  const picks = new PeerPicks(200)
  const counts = new Array<number>(100).fill(0)
  for (let round = 0; round < 4_000; round++) {
    picks.begin(((round * 2_654_435_761) % 2 ** 32) / 2 ** 32)
    picks.pick(0, 100, { except: 99, wanted: 10 })
    for (const place of picks.places.subarray(0, picks.count)) counts[place]!++
  }
  assert.equal(counts[99], 0)
  for (const count of counts.slice(0, 99)) assert.ok(count > 300 && count < 510, `${count} of about 404`)
})
