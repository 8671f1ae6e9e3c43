import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { PeerPieces } from '../../src/client/peer-pieces.js'
import { Bitfield } from '../../src/core/bitfield.js'
import { DownloadPeer } from '../../src/swarm/download-peer.js'
import { RequestWindow } from '../../src/swarm/request-window.js'

const PIECE_COUNT = 12
const isMissing = (index: number) => index % 3 !== 0

function setUp() {
  const counts = new Array<number>(PIECE_COUNT).fill(0)
  const window = new RequestWindow({ reqq: 1, requestMinMs: 1, requestMaxMs: 1 }, 0)
  const peer = new DownloadPeer(1, new Bitfield(PIECE_COUNT), window)
  const picker = {
    peerHas: (index: number) => void counts[index]!++,
    peerLost: (index: number) => void counts[index]!--,
  }
  const pieces = new PeerPieces({ pieceCount: PIECE_COUNT, picker, isMissing }, peer)
  return { counts, peer, pieces }
}

function fieldOf(has: readonly boolean[]): Uint8Array {
  const field = new Bitfield(PIECE_COUNT)
  for (const [index, isThere] of has.entries()) if (isThere) field.set(index)
  return field.bytes
}

const message = fc.oneof(
  fc.record({ type: fc.constantFrom('have', 'lose'), index: fc.nat(PIECE_COUNT - 1) }),
  fc.record({ type: fc.constantFrom('all', 'none'), index: fc.constant(0) }),
  fc.record({
    type: fc.constant('field'),
    index: fc.constant(0),
    has: fc.array(fc.boolean(), { minLength: PIECE_COUNT, maxLength: PIECE_COUNT }),
  }),
)

test('whatever a peer says it has and has lost, in any order, it is counted once for each piece, or not at all', () => {
  fc.assert(
    fc.property(fc.array(message, { maxLength: 20 }), (messages) => {
      const { counts, peer, pieces } = setUp()
      const expected = new Set<number>()
      for (const said of messages) {
        if (said.type === 'have') {
          pieces.add(said.index)
          expected.add(said.index)
        } else if (said.type === 'lose') {
          assert.equal(pieces.lose(said.index), expected.delete(said.index))
        } else if (said.type === 'all') {
          pieces.addAll()
          for (let index = 0; index < PIECE_COUNT; index++) expected.add(index)
        } else if (said.type === 'none') {
          if (expected.size === 0) pieces.addNone()
        } else if ('has' in said) {
          pieces.addField(fieldOf(said.has))
          for (const [index, isThere] of said.has.entries()) if (isThere) expected.add(index)
        }
        const has = counts.map((_, index) => index).filter((index) => peer.has.has(index))
        assert.deepEqual(new Set(has), expected)
        assert.equal(pieces.missingCount, has.filter(isMissing).length)
        const isUncounted = peer.has.isFull && counts.every((count) => count === 0)
        if (!isUncounted)
          assert.deepEqual(
            counts,
            counts.map((_, index) => (expected.has(index) ? 1 : 0)),
          )
      }
      pieces.end()
      assert.deepEqual(new Set(counts), new Set([0]))
    }),
  )
})

test('a peer that had everything and loses a piece counts from then on', () => {
  const { counts, pieces } = setUp()
  pieces.addAll()
  assert.equal(Math.max(...counts), 0)
  pieces.lose(4)
  assert.deepEqual(
    counts,
    counts.map((_, index) => (index === 4 ? 0 : 1)),
  )
})

test('that a peer has everything is looked at once, however often it says so', () => {
  let lookCount = 0
  const window = new RequestWindow({ reqq: 1, requestMinMs: 1, requestMaxMs: 1 }, 0)
  const peer = new DownloadPeer(1, new Bitfield(PIECE_COUNT), window)
  const host = {
    picker: { peerHas() {}, peerLost() {} },
    isMissing,
    get pieceCount() {
      lookCount++
      return PIECE_COUNT
    },
  }
  const pieces = new PeerPieces(host, peer)
  pieces.addAll()
  const looked = lookCount
  for (let times = 0; times < 10; times++) pieces.addAll()
  assert.equal(lookCount, looked)
  assert.ok(peer.has.isFull)
})

test('to lose a piece and have everything again, time and again, is a flood', () => {
  const { pieces } = setUp()
  pieces.addAll()
  for (let times = 0; times < 10; times++) {
    pieces.lose(4)
    pieces.addAll()
  }
  pieces.lose(4)
  assert.throws(() => pieces.addAll(), { code: 'FLOODING' })
})

test('a piece that there is not is a fault, and so are pieces and then none', () => {
  const { pieces } = setUp()
  assert.throws(() => pieces.lose(PIECE_COUNT), { code: 'UNKNOWN_PIECE' })
  assert.throws(() => pieces.add(2 ** 32 - 1), { code: 'UNKNOWN_PIECE' })
  pieces.add(1)
  assert.throws(() => pieces.addNone(), { code: 'BAD_MESSAGE' })
})
