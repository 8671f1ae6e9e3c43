import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Arena, type ArenaShare } from '../../src/swarm/arena.js'

const MIB = 1024 * 1024

/** What one share was admitted for; the buffer is there from the first byte on. */
interface Admission {
  readonly share: ArenaShare
  readonly bytes: number
  buffer: ArrayBuffer | undefined
}

const SIZES = [10, 20, 30, 70]

const steps = fc.array(
  fc.record({
    kind: fc.constantFrom(
      ...['admit', 'admit', 'admit', 'buffer', 'buffer', 'end', 'end', 'leave', 'pace', 'way'],
    ),
    share: fc.nat(2),
    pick: fc.nat(1_000),
  }),
  { maxLength: 120 },
)

test('no torrents, whatever they do, hold more than the budget, and all of it comes back', () => {
  fc.assert(
    fc.property(steps, fc.integer({ min: 70, max: 200 }), (taken, budgetBytes) => {
      const arena = new Arena(budgetBytes)
      const shares = [arena.join(true), arena.join(true), arena.join(false)]
      let held: Admission[] = []
      const end = (admission: Admission) => {
        if (admission.buffer === undefined) admission.share.withdraw(admission.bytes)
        else admission.share.give(admission.buffer)
        held = held.filter((other) => other !== admission)
      }
      for (const { kind, share: at, pick } of taken) {
        const share = shares[at]!
        const own = held.filter((admission) => admission.share === share)
        const bytes = SIZES[pick % SIZES.length]!
        const some = own[pick % Math.max(1, own.length)]
        if (kind === 'admit') {
          if (share.admit(bytes)) held.push({ share, bytes, buffer: undefined })
        } else if (kind === 'pace') arena.pace(bytes, pick % 4)
        else if (kind === 'way') share.wayBytes = pick
        else if (kind === 'leave') {
          share.leave()
          held = held.filter((admission) => admission.share !== share)
          shares[at] = arena.join(pick % 2 === 0)
        } else if (some !== undefined && kind === 'buffer') {
          some.buffer ??= share.buffer(some.bytes)
          assert.equal(some.buffer.byteLength, some.bytes)
        } else if (some !== undefined) end(some)
        checkSums(arena, shares, held)
      }
      for (const admission of [...held]) end(admission)
      assert.equal(arena.usedBytes, 0)
    }),
    { numRuns: 300 },
  )
})

function checkSums(arena: Arena, shares: readonly ArenaShare[], held: readonly Admission[]): void {
  const total = (of: readonly Admission[]) => of.reduce((sum, { bytes }) => sum + bytes, 0)
  assert.equal(arena.usedBytes, total(held))
  assert.ok(arena.usedBytes <= arena.budgetBytes)
  for (const share of shares) {
    const own = held.filter((admission) => admission.share === share)
    assert.equal(share.usedBytes, total(own))
    assert.equal(share.lentBytes, total(own.filter(({ buffer }) => buffer !== undefined)))
  }
  const buffers = held.flatMap(({ buffer }) => buffer ?? [])
  assert.equal(new Set(buffers).size, buffers.length, 'no buffer is out twice')
}

test('buffers kept for later make room for those in use: together they stay within the budget', () => {
  const sizes = fc.array(fc.tuple(fc.constantFrom(...SIZES), fc.boolean()), { maxLength: 80 })
  fc.assert(
    fc.property(sizes, (turns) => {
      const arena = new Arena(100)
      const share = arena.join(false)
      /** When each buffer was in memory for certain: from its first use to its last. */
      const lives = new Map<ArrayBuffer, { readonly from: number; to: number }>()
      const out: ArrayBuffer[] = []
      for (const [at, [bytes, isEnd]] of turns.entries()) {
        if (isEnd && out.length > 0) share.give(out.shift()!)
        else if (share.admit(bytes)) out.push(share.buffer(bytes))
        for (const buffer of out) lives.set(buffer, { from: lives.get(buffer)?.from ?? at, to: at })
      }
      for (let at = 0; at < turns.length; at++) {
        const alive = [...lives].filter(([, life]) => life.from <= at && at <= life.to)
        assert.ok(alive.reduce((sum, [buffer]) => sum + buffer.byteLength, 0) <= 100)
      }
    }),
    { numRuns: 300 },
  )
})

test('the buffer that came back last is the next to go out', () => {
  const share = new Arena(100).join(false)
  const take = () => {
    assert.ok(share.admit(20))
    return share.buffer(20)
  }
  const [first, second, third] = [take(), take(), take()]
  for (const buffer of [first, third, second]) share.give(buffer)
  assert.deepEqual(
    [take(), take(), take()].map((buffer) => [first, second, third].indexOf(buffer)),
    [1, 2, 0],
  )
})

test('while another torrent is hungry, nobody takes more than an equal part', () => {
  const arena = new Arena(100)
  const greedy = arena.join(true)
  for (let count = 0; count < 10; count++) assert.ok(greedy.admit(10))
  const late = arena.join(true)
  assert.equal(late.admit(10), false)
  for (let count = 0; count < 5; count++) {
    greedy.withdraw(10)
    assert.equal(greedy.admit(10), false, 'what it gives back is for the other')
    assert.ok(late.admit(10))
    assert.equal(late.admit(10), false)
  }
  assert.deepEqual([greedy.usedBytes, late.usedBytes], [50, 50])
})

test('equal parts are parts of what may be used now', () => {
  const arena = new Arena(1_000 * MIB)
  const greedy = arena.join(true)
  while (greedy.admit(MIB));
  const late = arena.join(true)
  assert.equal(late.admit(MIB), false)
  greedy.withdraw(MIB)
  assert.equal(greedy.admit(MIB), false)
  assert.ok(late.admit(MIB))
})

test('a torrent that has nothing may take its first run, and one alone may take all', () => {
  const arena = new Arena(100)
  const [first, second] = [arena.join(false), arena.join(false)]
  assert.ok(first.admit(70))
  assert.ok(second.admit(30))
  second.withdraw(30)
  second.leave()
  assert.ok(first.admit(30))
})

test('a torrent is short of memory while it asked in vain, and would in vain now', () => {
  const arena = new Arena(100)
  const [share, other] = [arena.join(false), arena.join(false)]
  other.admit(90)
  assert.equal(share.isShortOf(20), false, 'it has not asked')
  share.admit(20)
  assert.ok(share.isShortOf(20))
  other.withdraw(90)
  assert.equal(share.isShortOf(20), false)
  assert.ok(share.isHungry, 'until it asks again')
  share.admit(20)
  assert.equal(share.isHungry, false)
})

test('what a torrent leaves behind is free, and its buffers that come back later count no more', () => {
  const arena = new Arena(100)
  const share = arena.join(false)
  assert.ok(share.admit(60))
  const buffer = share.buffer(60)
  share.leave()
  assert.equal(arena.usedBytes, 0)
  share.give(buffer)
  assert.equal(arena.usedBytes, 0)
  const next = arena.join(false)
  assert.ok(next.admit(100))
  assert.equal(next.admit(1), false)
})

test('the working set grows to the budget while peers wait for memory and the disk keeps up', () => {
  const arena = new Arena(64 * MIB)
  const share = arena.join(true)
  const fill = () => {
    while (share.admit(MIB));
    return arena.usedBytes
  }
  const before = fill()
  assert.ok(before < 64 * MIB, 'it starts below the budget')
  arena.pace(MIB, 1)
  assert.equal(fill(), before, 'a run that waits for the disk holds it')
  for (let count = 0; count < 100; count++) {
    arena.pace(MIB, 0)
    fill()
  }
  assert.equal(arena.usedBytes, 64 * MIB)
})

test('the working set shrinks while runs wait for the disk, but leaves enough to go on', () => {
  const arena = new Arena(64 * MIB)
  const share = arena.join(true)
  for (let count = 0; count < 100; count++) arena.pace(MIB, 5)
  while (share.admit(MIB));
  assert.ok(share.usedBytes >= 6 * MIB && share.usedBytes <= 8 * MIB, `${share.usedBytes}`)
})

test('runs larger than the working set are admitted all the same', () => {
  for (const memoryBytes of [512 * MIB, 1024 * MIB, 8192 * MIB]) {
    const share = new Arena(memoryBytes).join(true)
    assert.ok(share.admit(memoryBytes / 16), `a sixteenth of ${memoryBytes}`)
    assert.ok(share.admit(memoryBytes / 16))
  }
})

test('a torrent that rests lays no claim to its part, and others may have it', () => {
  const arena = new Arena(8 * MIB)
  const [first, second] = [arena.join(true), arena.join(true)]
  while (first.admit(MIB)) first.buffer(MIB)
  const held = Array.from({ length: 8 }, () => new ArrayBuffer(MIB))
  for (const buffer of held) first.give(buffer)
  const admitted = () => {
    let count = 0
    while (second.admit(MIB)) count++
    for (let at = 0; at < count; at++) second.withdraw(MIB)
    return count
  }
  assert.equal(admitted(), 4)
  first.rest()
  assert.equal(admitted(), 8)
})

test('what is on the way comes on top of the working set, up to the budget, and leaves with its torrent', () => {
  const arena = new Arena(64 * MIB)
  const admittedBy = (share: ArenaShare) => {
    let count = 0
    while (share.admit(MIB)) count++
    for (let left = count; left > 0; left--) share.withdraw(MIB)
    return count
  }
  const share = arena.join(true)
  const far = arena.join(true)
  assert.equal(admittedBy(share), 16)
  far.wayBytes = 10 * MIB
  assert.equal(admittedBy(share), 26)
  far.wayBytes = 200 * MIB
  assert.equal(admittedBy(share), 64)
  far.leave()
  far.wayBytes = 200 * MIB
  assert.equal(admittedBy(share), 16)
})
