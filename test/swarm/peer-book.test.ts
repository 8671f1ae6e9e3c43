import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { PeerAddress } from '../../src/core/peer-address.js'
import { PeerBook } from '../../src/swarm/peer-book.js'
import { seededDice } from '../kit/dice.js'

/** Dice in the middle: a pause is neither stretched nor shortened. */
const MIDDLE = () => 0.5

function address(number: number): PeerAddress {
  return { host: `10.0.${number >> 8}.${number & 255}`, port: 6881 }
}

test('who has connected to us is not dialled until it has gone', () => {
  const book = new PeerBook(40, MIDDLE)
  assert.equal(book.met(address(1)), true)
  assert.equal(book.met(address(1)), false, 'there is another connection already')
  assert.equal(book.next(0), undefined)
  book.ended(address(1), true, 0)
  assert.deepEqual(book.next(1_000), address(1))
  assert.equal(book.met(address(1)), false, 'it is being dialled')
  book.ban(address(2))
  assert.equal(book.met(address(2)), false)
})

test('an address is dialled by one caller at a time, and only as long as it is not banned', () => {
  const steps = fc.array(
    fc.tuple(fc.constantFrom('add', 'add', 'next', 'next', 'ended', 'ban', 'pass'), fc.nat(30)),
    { maxLength: 200 },
  )
  fc.assert(
    fc.property(steps, fc.nat(), (taken, seed) => {
      const book = new PeerBook(40, seededDice(seed))
      const busy = new Set<number>()
      const banned = new Set<number>()
      let nowMs = 0
      for (const [kind, number] of taken) {
        if (kind === 'add') book.add(address(number), 'tracker')
        else if (kind === 'ban') {
          book.ban(address(number))
          busy.delete(number)
          banned.add(number)
        } else if (kind === 'pass') nowMs += number * 1_000
        else if (kind === 'ended' && busy.delete(number)) book.ended(address(number), number % 2 === 0, nowMs)
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
  const book = new PeerBook(10, MIDDLE)
  assert.ok(book.add(address(1), 'tracker'))
  assert.equal(book.add(address(1), 'tracker'), false)
  assert.ok(book.add({ ...address(1), port: 6882 }, 'tracker'))
  for (const port of [0, -1, 65_536, 1.5, Number.NaN])
    assert.equal(book.add({ host: '10.0.0.9', port }, 'tracker'), false)
  assert.equal(book.size, 2)
})

test('an address that failed is tried again after a pause that doubles up to five minutes', () => {
  const book = new PeerBook(10, MIDDLE)
  book.add(address(1), 'tracker')
  let nowMs = 0
  const pauses: number[] = []
  for (let failure = 1; failure <= 10; failure++) {
    assert.ok(book.next(nowMs))
    book.ended(address(1), false, nowMs)
    const fromMs = nowMs
    while (book.next(nowMs) === undefined) nowMs += 1_000
    pauses.push((nowMs - fromMs) / 1_000)
    book.ended(address(1), true, nowMs)
    for (let again = 0; again < failure; again++) {
      nowMs += 400_000
      book.next(nowMs)
      book.ended(address(1), false, nowMs)
    }
    nowMs += 400_000
  }
  assert.deepEqual(pauses, [2, 4, 8, 16, 32, 64, 128, 256, 300, 300])
})

test('dice spread the pauses, so that peers that left together do not come back together', () => {
  const dueMs = (dice: number) => {
    const book = new PeerBook(10, () => dice)
    book.add(address(1), 'tracker')
    book.next(0)
    book.ended(address(1), true, 0)
    let nowMs = 0
    while (book.next(nowMs) === undefined) nowMs++
    return nowMs
  }
  assert.deepEqual([dueMs(0), dueMs(0.5), dueMs(0.999_999)], [750, 1_000, 1_250])
})

test('who failed least is dialled first, then who has been due longest', () => {
  const book = new PeerBook(10, MIDDLE)
  for (const number of [1, 2, 3]) book.add(address(number), 'tracker')
  for (const number of [1, 2, 3]) assert.deepEqual(book.next(0), address(number))
  book.ended(address(1), false, 0)
  book.ended(address(3), true, 200)
  book.ended(address(2), true, 100)
  assert.deepEqual(
    [2, 3, 1].map(() => book.next(10_000)),
    [address(2), address(3), address(1)],
  )
  assert.equal(book.next(10_000), undefined)
})

test('a full book lets go of an address that failed, for a new one, and of no other', () => {
  const book = new PeerBook(3, MIDDLE)
  for (const number of [1, 2, 3]) book.add(address(number), 'tracker')
  assert.equal(book.add(address(4), 'tracker'), false)
  for (let count = 0; count < 3; count++) book.next(0)
  book.ended(address(1), true, 0)
  book.ban(address(2))
  assert.equal(book.add(address(4), 'tracker'), false)
  book.ended(address(3), false, 0)
  assert.ok(book.add(address(4), 'tracker'))
  assert.equal(book.size, 3)
  assert.ok(book.add(address(3), 'tracker') === false, 'no room for it now')
})

test('a banned address is never dialled again, whatever is heard of it', () => {
  const book = new PeerBook(10, MIDDLE)
  book.add(address(1), 'tracker')
  book.next(0)
  book.ban(address(1))
  book.ended(address(1), true, 0)
  assert.equal(book.add(address(1), 'tracker'), false)
  assert.equal(book.next(1e9), undefined)
  assert.ok(book.isExhausted)
  assert.equal(book.hasCandidates, false)
})

test('the book is exhausted when nobody is connected and all have failed three times in a row', () => {
  const book = new PeerBook(10, MIDDLE)
  assert.ok(book.isExhausted)
  book.add(address(1), 'tracker')
  for (let failure = 0; failure < 3; failure++) {
    assert.equal(book.isExhausted, false)
    assert.ok(book.next(failure * 1e6))
    assert.equal(book.isExhausted, false)
    book.ended(address(1), false, failure * 1e6)
  }
  assert.ok(book.isExhausted)
  assert.ok(book.hasCandidates)
  assert.ok(book.next(1e9), 'it is still tried now and then')
})

test('an address that we let go ourselves is no worse for it', () => {
  const book = new PeerBook(10, () => 0.5)
  const address = { host: '127.0.0.1', port: 1 }
  book.add(address, 'tracker')
  for (let times = 0; times < 10; times++) {
    assert.deepEqual(book.next(0), address)
    book.released(address)
  }
  assert.equal(book.isExhausted, false)
  book.ban(address)
  book.released(address)
  book.released({ host: '127.0.0.1', port: 2 })
  assert.equal(book.next(0), undefined)
})

test('strangers fill no more than a part of the book, and make room for who is trusted more', () => {
  const book = new PeerBook(30, MIDDLE)
  const of = (network: number, number: number) => ({ host: `10.0.${network}.${number}`, port: 6881 })
  for (let number = 1; number <= 100; number++) book.add(of(1, number), 'pex')
  assert.equal(book.size, 10)
  for (let number = 1; number <= 100; number++) book.add(of(2, number), 'dht')
  assert.equal(book.size, 25)
  for (let number = 1; number <= 30; number++) assert.ok(book.add(of(3, number), 'tracker'))
  assert.equal(book.size, 30)
  assert.equal(book.add(of(1, 200), 'pex'), false)
  assert.equal(book.add(of(4, 1), 'tracker'), false)
})

test('who is trusted more is dialled first, and an address counts as named by the best of its sources', () => {
  const book = new PeerBook(10, MIDDLE)
  const sources = ['pex', 'dht', 'incoming', 'lsd', 'tracker', 'user'] as const
  for (const [number, source] of sources.entries()) book.add(address(number + 1), source)
  book.add(address(2), 'user')
  const dialled = Array.from({ length: 6 }, () => Number(book.next(0)!.host.split('.')[3]))
  assert.deepEqual(dialled, [2, 6, 5, 4, 3, 1])
})

test('nobody is looked for where no peer can be', () => {
  const book = new PeerBook(10, MIDDLE)
  for (const host of ['0.0.0.0', '224.0.0.1', '255.255.255.255', '::', 'ff02::1', '239.1.2.3']) {
    assert.equal(book.add({ host, port: 6881 }, 'pex'), false, host)
  }
})

test('an address that turned us away is due at once in the other manner, and then only after a pause', () => {
  for (const prefersEncryption of [false, true]) {
    const book = new PeerBook(10, MIDDLE)
    book.add({ ...address(1), prefersEncryption }, 'pex')
    for (let round = 0; round < 3; round++) {
      const nowMs = round * 1_000_000
      const first = book.prefersEncryption(book.next(nowMs)!)
      assert.ok(book.tryOtherwise(address(1)))
      assert.equal(book.prefersEncryption(book.next(nowMs)!), !first)
      assert.equal(book.tryOtherwise(address(1)), false)
      book.ended(address(1), false, nowMs)
      assert.equal(book.next(nowMs), undefined)
    }
  }
})

test('the manner that an address has taken is remembered', () => {
  const book = new PeerBook(10, MIDDLE)
  book.add(address(1), 'tracker')
  assert.equal(book.prefersEncryption(book.next(0)!), false)
  book.tryOtherwise(address(1))
  book.next(0)
  book.ended(address(1), true, 0)
  assert.equal(book.prefersEncryption(book.next(10_000)!), true)
})

test('an address that is unknown, banned or not being dialled is not tried otherwise', () => {
  const book = new PeerBook(10, MIDDLE)
  assert.equal(book.tryOtherwise(address(1)), false)
  book.add(address(1), 'tracker')
  assert.equal(book.tryOtherwise(address(1)), false)
  book.next(0)
  book.ban(address(1))
  assert.equal(book.tryOtherwise(address(1)), false)
  assert.equal(book.next(0), undefined)
})
