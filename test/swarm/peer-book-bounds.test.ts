import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { addressKey, type PeerAddress, type PeerSource } from '../../src/core/peer-address.js'
import type { PeerBook } from '../../src/swarm/peer-book.js'
import { neighbour, openBook } from '../kit/open-book.js'

test('a full book lets go of an address that failed, for a new one, and of no other', () => {
  const book = openBook(3)
  for (const number of [1, 2, 3]) book.add(neighbour(number), 'user')
  assert.equal(book.add(neighbour(4), 'user'), false)
  for (let count = 0; count < 3; count++) book.next(0)
  book.ended(neighbour(1), true, 0)
  assert.equal(book.add(neighbour(4), 'user'), false)
  book.ended(neighbour(3), false, 0)
  assert.ok(book.add(neighbour(4), 'user'))
  assert.equal(book.size, 3)
  assert.ok(book.add(neighbour(3), 'user') === false, 'no room for it now')
})

test('a banned address is never dialled again, whatever is heard of it', () => {
  const book = openBook(10)
  book.add(neighbour(1), 'tracker')
  book.next(0)
  book.ban(neighbour(1))
  book.ended(neighbour(1), true, 0)
  assert.equal(book.add(neighbour(1), 'tracker'), false)
  assert.equal(book.next(1e9), undefined)
  assert.ok(book.isExhausted)
  assert.deepEqual([book.size, book.bannedCount], [0, 1])
})

test('an address that leads to ourselves is never dialled again, and nobody is called banned for it', () => {
  const book = openBook(10)
  book.add(neighbour(1), 'tracker')
  book.next(0)
  book.disown(neighbour(1))
  book.ended(neighbour(1), false, 0)
  assert.equal(book.add(neighbour(1), 'tracker'), false)
  assert.equal(book.next(1e9), undefined)
  assert.deepEqual([book.size, book.bannedCount], [0, 0])
})

test('those who are banned take nobody the room, however many they are', () => {
  const book = openBook(30)
  for (let number = 1; number <= 300; number++) {
    assert.ok(book.add(neighbour(number), 'pex', '10.9.9.9'), `${number}`)
    assert.ok(book.ban(neighbour(number)))
  }
  assert.equal(book.size, 0)
  for (let number = 1_001; number <= 1_010; number++)
    assert.ok(book.add(neighbour(number), 'pex', '10.9.9.9'))
})

test('strangers fill no more than a part of the book, and make room for who is trusted more', () => {
  const book = openBook(30)
  const of = (network: number, number: number) => ({ host: `10.0.${network}.${number}`, port: 6881 })
  for (let number = 1; number <= 100; number++) book.add(of(1, number), 'pex')
  assert.equal(book.size, 10)
  for (let number = 1; number <= 100; number++) book.add(of(2, number), 'dht')
  assert.equal(book.size, 25)
  for (let number = 1; number <= 20; number++) assert.ok(book.add(of(3, number), 'tracker'))
  assert.equal(book.size, 30)
  assert.equal(book.add(of(1, 200), 'pex'), false)
  assert.equal(book.add(of(4, 1), 'tracker'), false)
  assert.ok(book.add(of(4, 1), 'user'))
})

test('a tracker that names thousands leaves room for those whom others know', () => {
  const book = openBook(30)
  for (let number = 1; number <= 100; number++) book.add(neighbour(number), 'tracker')
  assert.equal(book.size, 20)
  for (const source of ['lsd', 'incoming', 'dht', 'pex'] as const) {
    assert.ok(book.add({ host: '10.1.0.1', port: 1_024 + book.size }, source), source)
  }
})

test('who is gone makes room for anybody, but those whom the user named wait', () => {
  for (const [named, isLetGo] of [
    ['user', false],
    ['tracker', true],
    ['dht', true],
  ] as const) {
    const book = openBook(2)
    book.add(neighbour(1), 'user')
    book.next(0)
    book.add(neighbour(2), named)
    for (let failures = 1; failures <= 3; failures++) {
      assert.equal(book.add(neighbour(3), 'pex'), false, `${named} after ${failures}`)
      book.next(failures * 60_000)
      book.ended(neighbour(2), false, failures * 60_000)
    }
    assert.equal(book.add(neighbour(3), 'pex'), isLetGo, named)
  }
})

test('a flood of hearsay is dialled beside those whom a tracker names, and evicts none of them', () => {
  const book = openBook(3_000)
  const of = (network: number, number: number) => ({
    host: `10.${network}.${number >> 8}.${number & 255}`,
    port: 6881,
  })
  for (let number = 0; number < 3_000; number++) book.add(of(1, number), 'pex')
  for (let number = 0; number < 3_000; number++) book.add(of(2, number), 'dht')
  const made = { pex: 0, dht: 0, tracker: 0 } as Record<PeerSource, number>
  for (let number = 0; number < 20; number++) assert.ok(book.add(of(3, number), 'tracker'))
  for (let number = 0; number < 3_000; number++) book.add(of(4, number), 'pex')
  for (let dial = 0; dial < 40; dial++) made[book.next(0, (source) => made[source])!.source]++
  assert.deepEqual(made, { pex: 10, dht: 10, tracker: 20 })
})

test('hearsay fills no public host and no public network, and our own networks as it likes', () => {
  const book = openBook(3_000)
  const countOf = (addresses: readonly PeerAddress[]) =>
    addresses.filter((address) => book.add(address, 'pex')).length
  const numbers = Array.from({ length: 100 }, (_, nth) => 1 + nth)
  const port = 6881
  assert.equal(countOf(numbers.map((nth) => ({ host: '8.8.8.8', port: port + nth }))), 4)
  assert.equal(countOf(numbers.map((last) => ({ host: `8.8.9.${last}`, port }))), 32)
  assert.equal(countOf(numbers.map((last) => ({ host: `2a00:1:2:3::${last}`, port }))), 4)
  assert.equal(countOf(numbers.map((net) => ({ host: `2a00:1:3:${net}::1`, port }))), 32)
  assert.equal(countOf(numbers.map((nth) => ({ host: '192.168.1.1', port: port + nth }))), 100)
  assert.ok(book.add({ host: '8.8.8.8', port }, 'tracker'))
})

test('a tracker may name a crowd behind one public host, but no more than that', () => {
  const book = openBook(3_000)
  const countOf = (source: PeerSource, hosts: readonly string[]) =>
    hosts.filter((host, nth) => book.add({ host, port: 6881 + nth }, source)).length
  assert.equal(countOf('tracker', Array(500).fill('8.8.8.8')), 32)
  assert.equal(
    countOf(
      'tracker',
      Array.from({ length: 500 }, (_, nth) => `2a00:1:2:3::${nth + 1}`),
    ),
    32,
  )
  assert.equal(
    countOf(
      'tracker',
      Array.from({ length: 200 }, (_, nth) => `8.8.9.${nth}`),
    ),
    200,
  )
  assert.equal(countOf('tracker', Array(500).fill('192.168.1.1')), 500)
  assert.equal(countOf('user', Array(100).fill('8.8.4.4')), 100)
})

test('who comes again and again, each time with another port, fills no more than that either', () => {
  const book = openBook(3_000)
  const ports = Array.from({ length: 500 }, (_, nth) => 2_000 + nth)
  const metAt = (host: string) => ports.filter((port) => book.met({ host, port })).length
  assert.equal(metAt('8.8.8.8'), 32)
  assert.equal(metAt('192.168.1.1'), 500)
})

test('one peer can name so many, and more only in the place of its own that failed', () => {
  const book = openBook(3_000)
  let count = 0
  for (let number = 0; number < 400; number++) if (book.add(neighbour(number), 'pex', '10.9.9.9')) count++
  assert.equal(count, 150)
  assert.ok(book.add(neighbour(1_000), 'pex', '10.9.9.8'))
  const failed = book.next(0)!
  book.ended(failed, false, 0)
  assert.ok(book.add(neighbour(1_001), 'pex', '10.9.9.9'))
  assert.equal(book.add(neighbour(1_002), 'pex', '10.9.9.9'), false)
})

test('whatever is heard, and from whom, no bound is passed and nobody who is connected is forgotten', () => {
  const sources = fc.constantFrom<PeerSource>('user', 'tracker', 'lsd', 'incoming', 'dht', 'pex')
  const hosts = fc
    .tuple(fc.constantFrom('8.8.', '10.0.'), fc.nat(2), fc.nat(60))
    .map(([net, a, b]) => `${net}${a}.${b}`)
  const steps = fc.array(
    fc.tuple(
      fc.constantFrom('add', 'add', 'add', 'next', 'failed', 'used', 'ban'),
      hosts,
      sources,
      fc.nat(9),
    ),
    { maxLength: 400 },
  )
  fc.assert(
    fc.property(steps, (taken) => {
      const book = openBook(60)
      const busy = new Map<string, PeerAddress>()
      let nowMs = 0
      for (const [kind, host, source, number] of taken) {
        nowMs += 100
        const [first] = busy.values()
        if (kind === 'add')
          book.add({ host, port: 6881 + number }, source, number === 0 ? '10.9.9.9' : undefined)
        else if (kind === 'next') {
          const next = book.next(nowMs)
          if (next === undefined) continue
          assert.ok(!busy.has(addressKey(next)))
          busy.set(addressKey(next), next)
        } else if (first !== undefined) {
          busy.delete(addressKey(first))
          if (kind === 'ban') assert.ok(book.ban(first))
          else book.ended(first, kind === 'used', nowMs)
        }
        assertWithinBounds(book, 60)
        const known = new Set(book.addresses.map(addressKey))
        for (const key of busy.keys()) assert.ok(known.has(key))
      }
    }),
    { numRuns: 200 },
  )
})

function assertWithinBounds(book: PeerBook, limit: number): void {
  const { addresses } = book
  const of = (...named: readonly PeerSource[]) => addresses.filter(({ source }) => named.includes(source))
  assert.ok(book.size <= limit)
  assert.ok(of('pex').length <= limit / 3 && of('dht').length <= limit / 2 && of('lsd').length <= limit / 10)
  const perHost = new Map<string, number>()
  for (const { host } of of('dht', 'pex')) perHost.set(host, (perHost.get(host) ?? 0) + 1)
  for (const [host, count] of perHost) assert.ok(host.startsWith('10.') || count <= 4)
}
