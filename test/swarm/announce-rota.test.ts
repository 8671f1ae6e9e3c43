import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { AnnounceRota } from '../../src/swarm/announce-rota.js'

const MINUTE_MS = 60_000

test('a torrent is announced at the start, after a minute, and then every five', () => {
  const rota = new AnnounceRota()
  assert.equal(rota.nextMs, Number.POSITIVE_INFINITY)
  rota.join('a', 0)
  const minutes: number[] = []
  for (let turn = 0; turn < 4; turn++) {
    const nowMs = rota.nextMs
    minutes.push(nowMs / MINUTE_MS)
    assert.deepEqual(rota.take(nowMs, 10), ['a'])
    assert.deepEqual(rota.take(nowMs + MINUTE_MS - 1, 10), [])
  }
  assert.deepEqual(minutes, [0, 1, 6, 11])
})

test('those for which there is no room now come next', () => {
  const rota = new AnnounceRota()
  for (const torrent of ['a', 'b', 'c']) rota.join(torrent, 0)
  assert.deepEqual(rota.take(0, 2), ['a', 'b'])
  assert.equal(rota.nextMs, 0)
  assert.deepEqual(rota.take(1_000, 2), ['c'])
})

test('nobody who is here is forgotten, nobody who left is announced, and nobody twice in a minute', () => {
  const steps = fc.array(
    fc.tuple(fc.constantFrom('join', 'leave', 'take', 'pass'), fc.nat(5), fc.nat(400_000)),
    { maxLength: 100 },
  )
  fc.assert(
    fc.property(steps, (taken) => {
      const rota = new AnnounceRota()
      const here = new Set<string>()
      const announcedMs = new Map<string, number>()
      let nowMs = 0
      for (const [kind, number, ms] of taken) {
        const torrent = String(number)
        if (kind === 'join' && !here.has(torrent)) {
          here.add(torrent)
          rota.join(torrent, nowMs)
        } else if (kind === 'leave') {
          here.delete(torrent)
          rota.leave(torrent)
        } else if (kind === 'pass') nowMs += ms
        else if (kind === 'take') {
          for (const due of rota.take(nowMs, 3)) {
            assert.ok(here.has(due))
            assert.ok(nowMs - (announcedMs.get(due) ?? Number.NEGATIVE_INFINITY) >= MINUTE_MS)
            announcedMs.set(due, nowMs)
          }
        }
        assert.ok(
          here.size === 0 ? rota.nextMs === Number.POSITIVE_INFINITY : rota.nextMs <= nowMs + 5 * MINUTE_MS,
        )
      }
    }),
  )
})
