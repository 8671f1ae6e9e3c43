import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { PeerError, type PeerFault } from '../../src/core/errors.js'
import { MetadataAssembly } from '../../src/swarm/metadata-assembly.js'
import { METADATA_PIECE_BYTES } from '../../src/wire/metadata-messages.js'
import { payloadBytes } from '../kit/payload.js'

interface Peer {
  readonly name: string
  /** What it sends instead of the truth. */
  readonly lies?: boolean
}

function metadataOf(pieceCount: number) {
  const whole = Uint8Array.from(payloadBytes(0, pieceCount * METADATA_PIECE_BYTES - 1_000))
  return { whole, assembly: new MetadataAssembly<Peer>(createHash('sha1').update(whole).digest()) }
}

function pieceOf(whole: Uint8Array, piece: number, lies = false): Uint8Array {
  const bytes = whole.slice(piece * METADATA_PIECE_BYTES, (piece + 1) * METADATA_PIECE_BYTES)
  if (lies) bytes[0]! ^= 0xff
  return bytes
}

function assertFault(run: () => unknown, code: PeerFault): void {
  assert.throws(run, (error) => error instanceof PeerError && error.code === code)
}

/** All peers answer everything, in rounds, until it is there or nobody is left. Liars that are found out leave. */
function exchange(assembly: MetadataAssembly<Peer>, whole: Uint8Array, peers: readonly Peer[]) {
  const convicted: Peer[] = []
  const present = new Set(peers)
  for (const peer of peers) assembly.join(peer, whole.length)
  for (let round = 0; round < 100 && present.size > 0; round++) {
    for (const peer of present) {
      for (const piece of assembly.ask(peer, round)) {
        try {
          const found = assembly.take(peer, piece, pieceOf(whole, piece, peer.lies))
          if (found !== undefined) return { found, convicted }
        } catch (error) {
          assert.ok(error instanceof PeerError)
          convicted.push(peer)
          present.delete(peer)
          assembly.leave(peer)
          break
        }
      }
    }
  }
  return { found: undefined, convicted }
}

test('one peer gives all of it, at most eight pieces at a time', () => {
  const { whole, assembly } = metadataOf(20)
  const peer = { name: 'a' }
  assembly.join(peer, whole.length)
  assert.deepEqual(assembly.ask(peer, 0), [0, 1, 2, 3, 4, 5, 6, 7])
  assert.deepEqual(assembly.ask(peer, 0), [])
  assembly.take(peer, 3, pieceOf(whole, 3))
  assert.deepEqual(assembly.ask(peer, 0), [8])
  for (const piece of [0, 1, 2, 4, 5, 6, 7, 8]) assembly.take(peer, piece, pieceOf(whole, piece))
  assert.equal(assembly.receivedBytes, 9 * METADATA_PIECE_BYTES)
  const { found } = exchange(assembly, whole, [peer])
  assert.deepEqual(found, whole)
})

test('what is kept of a message is the piece alone', () => {
  const { whole, assembly } = metadataOf(2)
  const peer = { name: 'a' }
  assembly.join(peer, whole.length)
  const [first, last] = assembly.ask(peer, 0)
  const message = Uint8Array.from([...new Uint8Array(100), ...pieceOf(whole, first!)])
  assembly.take(peer, first!, message.subarray(100))
  message.fill(0)
  assert.deepEqual(assembly.take(peer, last!, pieceOf(whole, last!)), whole)
})

test('several peers are asked for different pieces first, then for those that others owe', () => {
  const { whole, assembly } = metadataOf(12)
  const [a, b, c, d] = [{ name: 'a' }, { name: 'b' }, { name: 'c' }, { name: 'd' }]
  for (const peer of [a, b, c, d]) assembly.join(peer, whole.length)
  assert.deepEqual(assembly.ask(a, 0), [0, 1, 2, 3, 4, 5, 6, 7])
  assert.deepEqual(assembly.ask(b, 0), [8, 9, 10, 11, 0, 1, 2, 3])
  assert.deepEqual(assembly.ask(c, 0), [4, 5, 6, 7, 8, 9, 10, 11])
  assert.deepEqual(assembly.ask(d, 0), [0, 1, 2, 3, 4, 5, 6, 7])
  assembly.leave(d)
  assert.equal(assembly.peerCount, 3)
  for (const piece of [0, 1, 2, 3, 4, 5, 6, 7]) assembly.take(a, piece, pieceOf(whole, piece))
  for (const piece of [0, 1, 2, 3, 8, 9, 10]) {
    assert.equal(assembly.take(b, piece, pieceOf(whole, piece)), undefined)
  }
  assert.deepEqual(assembly.take(c, 11, pieceOf(whole, 11)), whole)
})

test('a peer that sends wrong bytes alone is convicted', () => {
  const { whole, assembly } = metadataOf(3)
  const liar = { name: 'liar', lies: true }
  assembly.join(liar, whole.length)
  const [first, second, third] = assembly.ask(liar, 0)
  assembly.take(liar, first!, pieceOf(whole, first!, true))
  assembly.take(liar, second!, pieceOf(whole, second!, true))
  assertFault(() => assembly.take(liar, third!, pieceOf(whole, third!, true)), 'CORRUPT_PIECE')
})

test('what several put together wrongly is asked of each alone, and only liars are convicted', () => {
  const { whole, assembly } = metadataOf(20)
  const honest = { name: 'honest' }
  const liars = [1, 2, 3, 4, 5].map((nth) => ({ name: `liar ${nth}`, lies: true }))
  const { found, convicted } = exchange(assembly, whole, [...liars, honest])
  assert.deepEqual(found, whole)
  assert.ok(convicted.every(({ lies }) => lies))
})

test('whoever takes part, the truth comes out as soon as one honest peer is left, and none is blamed', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 8 }), fc.integer({ min: 1, max: 12 }), (lying, count) => {
      const { whole, assembly } = metadataOf(count)
      const peers = lying.map((lies, nth) => ({ name: String(nth), lies }))
      const { found, convicted } = exchange(assembly, whole, peers)
      assert.ok(convicted.every(({ lies }) => lies))
      assert.deepEqual(found, lying.includes(false) ? whole : undefined)
    }),
  )
})

test('a lie about the length keeps nobody from the truth', () => {
  const { whole, assembly } = metadataOf(2)
  const [liar, honest] = [{ name: 'liar' }, { name: 'honest' }]
  assembly.join(liar, whole.length + 5 * METADATA_PIECE_BYTES)
  assembly.join(honest, whole.length)
  assert.equal(assembly.ask(liar, 0).length, 7)
  assert.deepEqual(assembly.ask(honest, 0), [0, 1])
  assembly.take(honest, 0, pieceOf(whole, 0))
  assert.deepEqual(assembly.take(honest, 1, pieceOf(whole, 1)), whole)
})

test('four lengths are tried at a time, and the one with the fewest peers makes room after its turn', () => {
  const { whole, assembly } = metadataOf(2)
  const liars = [1, 2, 3, 4, 5].map((nth) => ({ name: `liar ${nth}`, length: whole.length + nth }))
  for (const liar of liars) assembly.join(liar, Math.min(liar.length, whole.length + 4))
  for (const liar of liars) assert.equal(assembly.ask(liar, 0).length, 2)
  const honest = { name: 'honest' }
  assembly.join(honest, whole.length)
  assert.deepEqual(assembly.ask(honest, 29_999), [])
  assert.deepEqual(assembly.ask(honest, 30_000), [0, 1])
  assembly.take(honest, 0, pieceOf(whole, 0))
  assert.deepEqual(assembly.take(honest, 1, pieceOf(whole, 1)), whole)
  // What the one whose turn is over still sends is let pass; the crowd goes on.
  assert.equal(assembly.take(liars[0]!, 0, pieceOf(whole, 0)), undefined)
})

test('a length beyond 30 MiB is no length', () => {
  const { assembly } = metadataOf(1)
  assertFault(() => assembly.join({ name: 'a' }, 30 * 2 ** 20 + 1), 'BAD_MESSAGE')
  assembly.join({ name: 'b' }, 30 * 2 ** 20)
})

test('pieces that were not asked for, come twice or have another length end the session', () => {
  const { whole, assembly } = metadataOf(3)
  const peer = { name: 'a' }
  assertFault(() => assembly.take(peer, 0, pieceOf(whole, 0)), 'UNWANTED_BLOCKS')
  assembly.join(peer, whole.length)
  assertFault(() => assembly.take(peer, 0, pieceOf(whole, 0)), 'UNWANTED_BLOCKS')
  assembly.ask(peer, 0)
  assembly.take(peer, 0, pieceOf(whole, 0))
  assertFault(() => assembly.take(peer, 0, pieceOf(whole, 0)), 'UNWANTED_BLOCKS')
  assertFault(() => assembly.take(peer, 1, pieceOf(whole, 1).subarray(1)), 'BAD_MESSAGE')
  assertFault(() => assembly.take(peer, 2, pieceOf(whole, 1)), 'BAD_MESSAGE')
  assertFault(() => assembly.take(peer, 99, pieceOf(whole, 1)), 'UNWANTED_BLOCKS')
})

test('a peer that refuses is left alone for a second, and others are asked meanwhile', () => {
  const { whole, assembly } = metadataOf(2)
  const [a, b] = [{ name: 'a' }, { name: 'b' }]
  for (const peer of [a, b]) assembly.join(peer, whole.length)
  assembly.ask(a, 0)
  assembly.refused(a, 0, 10)
  assembly.refused(a, 1, 10)
  assembly.refused(a, 1, 10)
  assert.deepEqual(assembly.ask(a, 1_009), [])
  assert.deepEqual(assembly.ask(b, 500), [0, 1])
  assert.deepEqual(assembly.ask(a, 1_010), [0, 1])
})

test('a peer that only refuses is of no use', () => {
  const { whole, assembly } = metadataOf(1)
  const peer = { name: 'a' }
  assembly.join(peer, whole.length)
  let nowMs = 0
  const refuse = () => {
    nowMs += 1_000
    for (const piece of assembly.ask(peer, nowMs)) assembly.refused(peer, piece, nowMs)
  }
  for (let count = 0; count < 39; count++) refuse()
  assertFault(refuse, 'USELESS')
})

test('a peer that is silent for more than fifteen seconds has stalled', () => {
  const { whole, assembly } = metadataOf(2)
  const peer = { name: 'a' }
  assembly.join(peer, whole.length)
  assert.equal(assembly.isStalled(peer, 100_000), false)
  assembly.ask(peer, 100)
  assert.equal(assembly.isStalled(peer, 15_100), false)
  assert.equal(assembly.isStalled(peer, 15_101), true)
})

test('after a wrong whole, an answer that is still under way is neither asked for again nor a fault', () => {
  const { whole, assembly } = metadataOf(2)
  const [liar, other, honest] = [{ name: 'liar' }, { name: 'other' }, { name: 'honest' }]
  for (const peer of [liar, other, honest]) assembly.join(peer, whole.length)
  for (const peer of [liar, other, honest]) assert.deepEqual(assembly.ask(peer, 0).toSorted(), [0, 1])
  assembly.take(liar, 0, pieceOf(whole, 0, true))
  assert.equal(assembly.take(other, 1, pieceOf(whole, 1)), undefined)
  assert.deepEqual(assembly.ask(honest, 1), [])
  assembly.take(honest, 0, pieceOf(whole, 0))
  assert.deepEqual(assembly.take(honest, 1, pieceOf(whole, 1)), whole)
})
