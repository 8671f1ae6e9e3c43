import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { PeerSource } from '../../src/core/peer-address.js'
import { PeerBook } from '../../src/swarm/peer-book.js'
import { seededDice } from '../kit/dice.js'
import { neighbour, openBook } from '../kit/open-book.js'

test('an address is dialled by one caller at a time, and only as long as it is not banned', () => {
  const steps = fc.array(
    fc.tuple(fc.constantFrom('add', 'add', 'next', 'next', 'ended', 'ban', 'pass'), fc.nat(30)),
    { maxLength: 200 },
  )
  fc.assert(
    fc.property(steps, fc.nat(), (taken, seed) => {
      const book = openBook(40, { random: seededDice(seed) })
      const busy = new Set<number>()
      const banned = new Set<number>()
      let nowMs = 0
      for (const [kind, number] of taken) {
        if (kind === 'add') book.add(neighbour(number), 'tracker')
        else if (kind === 'ban') {
          book.ban(neighbour(number))
          busy.delete(number)
          banned.add(number)
        } else if (kind === 'pass') nowMs += number * 1_000
        else if (kind === 'ended' && busy.delete(number))
          book.ended(neighbour(number), number % 2 === 0, nowMs)
        else if (kind === 'next') {
          const host = book.next(nowMs)?.host
          if (host === undefined) continue
          const dialled = Number(host.split('.')[3])
          assert.ok(!busy.has(dialled) && !banned.has(dialled))
          busy.add(dialled)
        }
        assert.ok(book.size <= 31)
        if (busy.size > 0) assert.equal(book.isExhausted, false)
      }
    }),
    { numRuns: 300 },
  )
})

test('an address is known once, and must have a port', () => {
  const book = openBook(10)
  assert.ok(book.add(neighbour(1), 'tracker'))
  assert.equal(book.add(neighbour(1), 'tracker'), false)
  assert.ok(book.add({ ...neighbour(1), port: 6882 }, 'tracker'))
  for (const port of [0, -1, 65_536, 1.5, Number.NaN])
    assert.equal(book.add({ host: '10.0.0.9', port }, 'tracker'), false)
  assert.equal(book.size, 2)
})

test('an address that failed is tried again after a pause that doubles up to five minutes', () => {
  const book = openBook(10)
  book.add(neighbour(1), 'tracker')
  let nowMs = 0
  const pauses: number[] = []
  for (let failure = 1; failure <= 10; failure++) {
    assert.ok(book.next(nowMs))
    book.ended(neighbour(1), false, nowMs)
    const fromMs = nowMs
    while (book.next(nowMs) === undefined) nowMs += 1_000
    pauses.push((nowMs - fromMs) / 1_000)
    book.ended(neighbour(1), true, nowMs)
    for (let again = 0; again < failure; again++) {
      nowMs += 400_000
      book.next(nowMs)
      book.ended(neighbour(1), false, nowMs)
    }
    nowMs += 400_000
  }
  assert.deepEqual(pauses, [2, 4, 8, 16, 32, 64, 128, 256, 300, 300])
})

test('dice spread the pauses, so that peers that left together do not come back together', () => {
  const dueMs = (dice: number) => {
    const book = openBook(10, { random: () => dice })
    book.add(neighbour(1), 'tracker')
    book.next(0)
    book.ended(neighbour(1), true, 0)
    let nowMs = 0
    while (book.next(nowMs) === undefined) nowMs++
    return nowMs
  }
  assert.deepEqual([dueMs(0), dueMs(0.5), dueMs(0.999_999)], [750, 1_000, 1_250])
})

test('who failed least is dialled first, then who has been due longest', () => {
  const book = openBook(10)
  for (const number of [1, 2, 3]) book.add(neighbour(number), 'tracker')
  for (const number of [1, 2, 3]) assert.equal(book.next(0)?.host, neighbour(number).host)
  book.ended(neighbour(1), false, 0)
  book.ended(neighbour(3), true, 200)
  book.ended(neighbour(2), true, 100)
  assert.deepEqual(
    [2, 3, 1].map(() => book.next(10_000)?.host),
    [2, 3, 1].map((number) => neighbour(number).host),
  )
  assert.equal(book.next(10_000), undefined)
})

test('the book is exhausted when nobody is connected and all have failed three times in a row', () => {
  const book = openBook(10)
  assert.ok(book.isExhausted)
  book.add(neighbour(1), 'tracker')
  for (let failure = 0; failure < 3; failure++) {
    assert.equal(book.isExhausted, false)
    assert.ok(book.next(failure * 1e6))
    assert.equal(book.isExhausted, false)
    book.ended(neighbour(1), false, failure * 1e6)
  }
  assert.ok(book.isExhausted)
  assert.equal(book.size, 1)
  assert.ok(book.next(1e9), 'it is still tried now and then')
})

test('an address that we let go ourselves is no worse for it', () => {
  const book = openBook(10)
  const address = { host: '127.0.0.1', port: 6881 }
  book.add(address, 'tracker')
  for (let times = 0; times < 10; times++) {
    assert.deepEqual(book.next(0), { ...address, source: 'tracker' })
    book.released(address)
  }
  assert.equal(book.isExhausted, false)
  book.ban(address)
  book.released(address)
  book.released({ host: '127.0.0.1', port: 6882 })
  assert.equal(book.next(0), undefined)
})

test('a pause may be longer than others, until what we want has changed', () => {
  const book = openBook(10)
  for (const number of [1, 2]) book.add(neighbour(number), 'tracker')
  book.next(0)
  book.next(0)
  book.ended(neighbour(1), true, 0, 60_000)
  book.ended(neighbour(2), false, 0)
  assert.equal(book.next(1_999), undefined)
  assert.equal(book.next(2_000)?.host, neighbour(2).host)
  book.ended(neighbour(2), false, 2_000)
  assert.equal(book.isAnyDue(5_999), false)
  book.recall()
  assert.equal(book.next(2_000)?.host, neighbour(1).host)
  assert.equal(book.next(2_000), undefined, 'one that does not answer is no better for that')
})

test('who is trusted more is dialled first, and an address counts as named by the best of its sources', () => {
  const book = openBook(10)
  const sources = ['pex', 'dht', 'incoming', 'lsd', 'tracker', 'user'] as const
  for (const [number, source] of sources.entries()) book.add(neighbour(number + 1), source)
  book.add(neighbour(2), 'user')
  const dialled = Array.from({ length: 6 }, () => Number(book.next(0)!.host.split('.')[3]))
  assert.deepEqual(dialled, [2, 6, 5, 4, 3, 1])
})

test('nobody is looked for where no peer can be', () => {
  const book = openBook(10)
  for (const host of ['0.0.0.0', '224.0.0.1', '255.255.255.255', '::', 'ff02::1', '239.1.2.3']) {
    assert.equal(book.add({ host, port: 6881 }, 'pex'), false, host)
  }
})

test('a source that may begin no connection waits, and the others do not', () => {
  const book = openBook(10)
  book.add(neighbour(1), 'pex')
  book.add(neighbour(2), 'tracker')
  const onlyTrackers = (source: PeerSource) => (source === 'pex' ? Number.POSITIVE_INFINITY : 0)
  assert.equal(book.next(0, onlyTrackers)?.host, neighbour(2).host)
  assert.equal(book.next(0, onlyTrackers), undefined)
  assert.equal(book.next(0)?.host, neighbour(1).host)
})

test('of those that are otherwise alike the one with the higher priority is dialled first', () => {
  const book = openBook(20, { priorityOf: ({ host }) => Number(host.split('.')[3]) % 7 })
  for (let number = 1; number <= 7; number++) book.add(neighbour(number), 'tracker')
  const order = Array.from({ length: 7 }, () => Number(book.next(0)?.host.split('.')[3]))
  assert.deepEqual(order, [6, 5, 4, 3, 2, 1, 7])
})

test('priorities that are known late count for those that were heard of early as well', () => {
  let version = 0
  const book = new PeerBook(20, {
    random: () => 0.5,
    isOwn: () => false,
    priorityOf: ({ host }) => version * Number(host.split('.')[3]),
    get priorityVersion() {
      return version
    },
  })
  for (const number of [2, 9, 4]) book.add(neighbour(number), 'tracker')
  version = 1
  book.add(neighbour(5), 'tracker')
  const order = Array.from({ length: 4 }, () => Number(book.next(0)?.host.split('.')[3]))
  assert.deepEqual(order, [9, 5, 4, 2])
})

test('our own address is not dialled, and every other has one form', () => {
  const book = openBook(10, { isOwn: ({ host }) => host === '10.0.0.7' })
  assert.equal(book.add(neighbour(7), 'tracker'), false)
  assert.ok(book.add({ host: '::FFFF:10.0.0.8', port: 6881 }, 'user'))
  assert.equal(book.add(neighbour(8), 'tracker'), false)
  assert.ok(book.add({ host: '2A00:0:0::1', port: 1 }, 'user'))
  assert.equal(book.add({ host: '2a00::1', port: 1 }, 'pex'), false)
  assert.ok(book.add({ host: 'fe80::1%eth0', port: 1 }, 'lsd'))
  assert.equal(book.add({ host: 'fe80::1', port: 1 }, 'lsd'), false)
  assert.equal(book.add({ host: 'name', port: 1 }, 'user'), false)
  assert.deepEqual(book.addresses, [
    { ...neighbour(8), source: 'user' },
    { host: '2a00::1', port: 1, source: 'user' },
    { host: 'fe80::1%eth0', port: 1, source: 'lsd' },
  ])
})

test('what is banned before anybody names it is never dialled, and takes no room', () => {
  const book = openBook(3)
  for (let number = 1; number <= 3; number++) assert.ok(book.ban(neighbour(number)))
  assert.equal(book.ban(neighbour(3)), false)
  assert.equal(book.size, 0)
  assert.equal(book.add(neighbour(3), 'tracker'), false)
  assert.ok(book.ban(neighbour(4)))
  assert.ok(book.add(neighbour(1), 'tracker'), 'it was the longest ago')
})

test('who has connected to us is not dialled until it has gone', () => {
  const book = openBook(40)
  assert.equal(book.met(neighbour(1)), true)
  assert.equal(book.met(neighbour(1)), false, 'there is another connection already')
  assert.equal(book.next(0), undefined)
  book.ended(neighbour(1), true, 0)
  assert.equal(book.next(1_000)?.host, neighbour(1).host)
  assert.equal(book.met(neighbour(1)), false, 'it is being dialled')
  book.ban(neighbour(2))
  assert.equal(book.met(neighbour(2)), false)
})

test('an address that turned us away is due at once in the other manner, and then only after a pause', () => {
  for (const prefersEncryption of [false, true]) {
    const book = openBook(10)
    book.add({ ...neighbour(1), prefersEncryption }, 'pex')
    for (let round = 0; round < 3; round++) {
      const nowMs = round * 1_000_000
      const first = book.prefersEncryption(book.next(nowMs)!)
      assert.ok(book.tryOtherwise(neighbour(1)))
      assert.equal(book.prefersEncryption(book.next(nowMs)!), !first)
      assert.equal(book.tryOtherwise(neighbour(1)), false)
      book.ended(neighbour(1), false, nowMs)
      assert.equal(book.next(nowMs), undefined)
    }
  }
})

test('the manner that an address has taken is remembered', () => {
  const book = openBook(10)
  book.add(neighbour(1), 'tracker')
  assert.equal(book.prefersEncryption(book.next(0)!), false)
  book.tryOtherwise(neighbour(1))
  book.next(0)
  book.ended(neighbour(1), true, 0)
  assert.equal(book.prefersEncryption(book.next(10_000)!), true)
})

test('an address that is unknown, banned or not being dialled is not tried otherwise', () => {
  const book = openBook(10)
  assert.equal(book.tryOtherwise(neighbour(1)), false)
  book.add(neighbour(1), 'tracker')
  assert.equal(book.tryOtherwise(neighbour(1)), false)
  book.next(0)
  book.ban(neighbour(1))
  assert.equal(book.tryOtherwise(neighbour(1)), false)
  assert.equal(book.next(0), undefined)
})
